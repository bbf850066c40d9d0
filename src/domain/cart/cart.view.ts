import { moneyView } from '../../lib/money.ts'
import type { Cart, CartLine } from './cart.queries.ts'
import { lineTotal } from './cart.totals.ts'

/** What changed about a line since it was added, worst first; null when nothing did. */
export function lineNotice(line: CartLine): 'not_sold' | 'sold_out' | 'fewer_left' | 'price_changed' | null {
  if (!line.isSold) return 'not_sold'
  if (line.available === 0) return 'sold_out'
  if (line.available < line.quantity) return 'fewer_left'
  return line.priceMinor === line.priceSeenMinor ? null : 'price_changed'
}

/** A bag on the wire. */
export function cartView(cart: Cart | undefined) {
  const lines = cart?.lines ?? []
  const selected = lines.filter((line) => line.isSelected && line.isSold)
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
      total: moneyView(lineTotal(line)),
      available: line.available,
      notice: lineNotice(line),
    })),
    count: lines.reduce((sum, line) => sum + line.quantity, 0),
    subtotal: moneyView(selected.reduce((sum, line) => sum + lineTotal(line), 0n)),
  }
}
