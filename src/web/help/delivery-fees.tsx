import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { quoteCart } from '../../workflows/checkout/quote-cart.ts'
import { promiseText } from '../i18n/dates.ts'

/** What one zone pays and when it is served. */
export type ZonePromise = { zone: string; counties: string[]; feeMinor: bigint; promise: string }

/** The date an order placed now is promised for in a county. */
export function promiseFor(county: CountyDelivery, now: Date): string {
  const { promisedFrom, promisedTo } = quoteCart(undefined, county, now)
  return promiseText(promisedFrom, promisedTo)
}

/** The counties by zone, cheapest first. */
export function zonePromises(counties: readonly CountyDelivery[], now: Date): ZonePromise[] {
  const zones = new Map<string, ZonePromise>()
  for (const county of counties) {
    const known = zones.get(county.zone)
    if (known !== undefined) known.counties.push(county.county)
    else
      zones.set(county.zone, {
        zone: county.zoneName,
        counties: [county.county],
        feeMinor: county.feeMinor,
        promise: promiseFor(county, now),
      })
  }
  return [...zones.values()].sort((a, b) => (a.feeMinor < b.feeMinor ? -1 : a.feeMinor > b.feeMinor ? 1 : 0))
}

/** Every county with its fee and its date. */
export function DeliveryFees({ promises }: { promises: readonly ZonePromise[] }) {
  return (
    <dl class="summary">
      {promises.map(({ zone, counties, feeMinor, promise }) => (
        <div key={zone}>
          <dt>
            {counties.join(', ')}
            <span class="meta block">{promise}</span>
          </dt>
          <dd>{formatMoney(feeMinor)}</dd>
        </div>
      ))}
    </dl>
  )
}
