import type { ProviderDay } from '../../domain/payments/statement.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { Figures, type FigureView } from '../parts/figures.tsx'
import { providerName } from '../parts/provider-name.ts'

export type TodayView = {
  day: string
  takings: readonly ProviderDay[]
  /** Counts by name, as the metrics call them. */
  waiting: Readonly<Record<string, number>>
}

const counted = (label: string, count: number, href: string, tone: 'warn' | 'bad'): FigureView => ({
  label,
  value: String(count),
  href,
  tone: count === 0 ? 'ok' : tone,
})

/** What staff see first: the day's money by provider and every queue that somebody may have to look at. */
export function TodayPage({ day, takings, waiting }: TodayView) {
  const of = (name: string): number => waiting[name] ?? 0
  return (
    <div class="stack">
      <h1>Today, {day}</h1>
      <h2>Money in</h2>
      {takings.length === 0 ? (
        <p>No money yet today.</p>
      ) : (
        <Figures
          figures={takings.map(({ provider, currency, receivedMinor, refundedMinor }) => ({
            label: providerName(provider),
            value: formatMoney(receivedMinor, currency),
            note: refundedMinor > 0n ? `${formatMoney(refundedMinor, currency)} given back` : '',
            href: `/admin/money?provider=${provider}&state=succeeded`,
          }))}
        />
      )}
      <h2>What needs somebody</h2>
      <Figures
        figures={[
          counted('Payments to decide', of('review'), '/admin/money?state=review', 'bad'),
          counted('Refunds by hand', of('manual'), '/admin/money?state=manual', 'warn'),
          counted('Payments still unknown', of('unfinished'), '/admin/money?state=pending', 'warn'),
          counted('Messages not applied', of('messages'), '/admin/messages?state=unmatched', 'bad'),
          counted('Provider differences', of('breaks'), '/admin/money', 'bad'),
          counted('Orders to pack', of('to_pack'), '/admin/orders?state=paid', 'warn'),
          counted('Deliveries without a rider', of('no_rider'), '/admin/dispatch', 'warn'),
          counted('Late deliveries', of('late'), '/admin/dispatch', 'bad'),
          counted('Calls given up', of('given_up'), '/admin/health', 'bad'),
        ]}
      />
    </div>
  )
}
