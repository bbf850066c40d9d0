import type { Cart, CartLine } from '../../domain/cart/cart.queries.ts'
import { type Totals, totalsOf } from '../../domain/cart/cart.totals.ts'
import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import { after, days } from '../../lib/time.ts'

/** What a bag costs delivered to a county, and when it comes. */
export interface Quote {
  readonly lines: readonly CartLine[]
  readonly totals: Totals
  readonly promisedFrom: Date
  readonly promisedTo: Date
}

// Orders after 14:00 Nairobi (11:00 UTC) are packed the next morning; riders bring until 18:00 (15:00 UTC).
const cutOffUtcHour = 11
const lastDeliveryUtcHour = 15

/** Prices the selected lines that are still sold, with the county's fee and dates. Pure. */
export function quoteCart(cart: Cart | undefined, county: CountyDelivery, now: Date): Quote {
  const lines = (cart?.lines ?? []).filter((line) => line.isSelected && line.isSold)
  const start = now.getUTCHours() < cutOffUtcHour ? 0 : 1
  const day = (offset: number) => {
    const moment = after(now, days(start + offset))
    moment.setUTCHours(lastDeliveryUtcHour, 0, 0, 0)
    return moment
  }
  return { lines, totals: totalsOf(lines, county.feeMinor), promisedFrom: day(county.daysMin), promisedTo: day(county.daysMax) }
}
