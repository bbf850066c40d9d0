import type { VendorKpis } from '../../domain/vendors/vendor-kpi.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { DayPlot } from '../parts/day-plot.tsx'
import { Figures } from '../parts/figures.tsx'
import type { VendorPlace } from './vendor.desk.ts'

/** What a vendor needs to do now, one number each, and how the last two weeks went. */
export function VendorToday({
  place,
  kpis,
  low,
  owedMinor,
  onItsWayMinor,
}: {
  place: VendorPlace
  kpis: VendorKpis
  low: number
  owedMinor: bigint
  onItsWayMinor: bigint
}) {
  const week = kpis.days.slice(-7).reduce((sum, { grossMinor }) => sum + grossMinor, 0n)
  return (
    <div class="stack">
      <h1>What needs doing</h1>
      <Figures
        figures={[
          {
            label: 'Orders to pack',
            value: String(kpis.toPack),
            href: place.at('/vendor/orders'),
            tone: kpis.toPack === 0 ? 'ok' : 'warn',
          },
          {
            label: 'Sizes running low',
            value: String(low),
            href: place.at('/vendor/stock', { low: 'true' }),
            tone: low === 0 ? 'ok' : 'warn',
          },
          {
            label: 'Sold today',
            value: formatMoney(kpis.today.grossMinor),
            note: `${kpis.today.orders} orders, ${kpis.today.pieces} pieces`,
          },
          { label: 'Sold in seven days', value: formatMoney(week) },
          {
            label: 'Owed to you',
            value: formatMoney(owedMinor),
            note: onItsWayMinor > 0n ? `${formatMoney(onItsWayMinor)} on its way` : 'after our commission',
            href: place.at('/vendor/statement'),
          },
        ]}
      />
      <DayPlot
        title="Sales by day, in shillings"
        bars={kpis.days.map(({ day, grossMinor }) => ({ day: day.slice(8), value: Number(grossMinor), label: formatMoney(grossMinor) }))}
      />
    </div>
  )
}
