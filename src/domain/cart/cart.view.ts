import { moneyView } from '../../lib/money.ts'
import type { Cart, CartLine } from './cart.queries.ts'
import type { MergedLine } from './merge-carts.ts'
import { promoView } from '../promotions/promo.view.ts'
import { cartVerdict } from './cart.promo.ts'
import { lineTotal, linesTotal } from './cart.totals.ts'

// Any delivery that is not free; a code for free delivery would otherwise have nothing to reduce.
const aFee = 100n

/** What changed about a line since it was added, worst first; null when nothing did. */
export function lineNotice(line: CartLine): 'not_sold' | 'sold_out' | 'fewer_left' | 'price_changed' | null {
  if (!line.isSold) return 'not_sold'
  if (line.available === 0) return 'sold_out'
  if (line.available < line.quantity) return 'fewer_left'
  return line.priceMinor === line.priceSeenMinor ? null : 'price_changed'
}

/** A bag on the wire. What a code takes off is told as it would be with a delivery that costs something; checkout knows the fee. */
export function cartView(cart: Cart | undefined, now: Date, merged: readonly MergedLine[] = []) {
  const lines = cart?.lines ?? []
  const selected = lines.filter((line) => line.isSelected && line.isSold)
  const subtotalMinor = linesTotal(selected)
  const verdict = cartVerdict(cart, { linesMinor: subtotalMinor, deliveryMinor: aFee, now })
  return {
    lines: lines.map((line) => ({
      id: line.id,
      variantId: line.variantId,
      slug: line.slug,
      name: line.name,
      sku: line.sku,
      size: line.size,
      colour: line.colour,
      vendor: line.vendorName,
      picture: line.picturePath === '' ? '' : `/media/${line.picturePath}`,
      quantity: line.quantity,
      isSelected: line.isSelected,
      price: moneyView(line.priceMinor),
      priceWhenAdded: moneyView(line.priceSeenMinor),
      total: moneyView(lineTotal(line)),
      available: line.available,
      notice: lineNotice(line),
    })),
    count: lines.reduce((sum, line) => sum + line.quantity, 0),
    subtotal: moneyView(subtotalMinor),
    discount: moneyView(verdict?.applies === true ? verdict.reduction.discountMinor : 0n),
    promo: promoView(verdict),
    merged: merged.map((line) => ({ ...line })),
    hasChanges: lines.some((line) => lineNotice(line) !== null),
  }
}
