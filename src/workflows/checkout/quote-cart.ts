import type { Cart, CartLine } from '../../domain/cart/cart.queries.ts'
import { cartVerdict } from '../../domain/cart/cart.promo.ts'
import { linesTotal, type Totals, totalsOf } from '../../domain/cart/cart.totals.ts'
import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import type { PromoVerdict } from '../../domain/promotions/promo.rules.ts'
import { promoView } from '../../domain/promotions/promo.view.ts'
import { moneyView } from '../../lib/money.ts'
import { after, days } from '../../lib/time.ts'

/** What a bag costs delivered to a county, and when it comes. */
export interface Quote {
  readonly lines: readonly CartLine[]
  readonly totals: Totals
  /** What the code in the bag does; absent without one. */
  readonly promo: PromoVerdict | undefined
  readonly promisedFrom: Date
  readonly promisedTo: Date
}

/** Prices the selected lines that are still sold, with the code in the bag and the county's fee and dates. Pure. */
export function quoteCart(cart: Cart | undefined, county: CountyDelivery, now: Date): Quote {
  const lines = (cart?.lines ?? []).filter((line) => line.isSelected && line.isSold)
  const linesMinor = linesTotal(lines)
  // Goods worth enough are brought for nothing, code or not.
  const isFree = county.freeFromMinor !== null && linesMinor >= county.freeFromMinor
  const promo = cartVerdict(cart, { linesMinor, deliveryMinor: isFree ? 0n : county.feeMinor, now })
  const given = promo?.applies === true ? promo.reduction : { discountMinor: 0n, isDeliveryFree: false }
  const totals = totalsOf(lines, county.feeMinor, { ...given, isDeliveryFree: given.isDeliveryFree || isFree })
  return { lines, totals, promo, ...promise(county, now) }
}

// Orders after 14:00 Nairobi (11:00 UTC) are packed the next morning; riders bring until 18:00 (15:00 UTC).
const cutOffUtcHour = 11
const lastDeliveryUtcHour = 15

/** When an order placed now comes. */
export function promise(county: CountyDelivery, now: Date): { promisedFrom: Date; promisedTo: Date } {
  const start = now.getUTCHours() < cutOffUtcHour ? 0 : 1
  const day = (offset: number) => {
    const moment = after(now, days(start + offset))
    moment.setUTCHours(lastDeliveryUtcHour, 0, 0, 0)
    return moment
  }
  return { promisedFrom: day(county.daysMin), promisedTo: day(county.daysMax) }
}

/** A quote on the wire. */
export const quoteView = (quote: Pick<Quote, 'totals' | 'promo' | 'promisedFrom' | 'promisedTo'>) => ({
  lines: moneyView(quote.totals.linesMinor),
  discount: moneyView(quote.totals.discountMinor),
  delivery: moneyView(quote.totals.deliveryMinor),
  waivedDelivery: moneyView(quote.totals.waivedDeliveryMinor),
  vat: moneyView(quote.totals.vatMinor),
  total: moneyView(quote.totals.totalMinor),
  promo: promoView(quote.promo),
  promisedFrom: quote.promisedFrom.toISOString(),
  promisedTo: quote.promisedTo.toISOString(),
})
