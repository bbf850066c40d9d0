import type { VendorAccount } from '../../domain/payouts/vendor-account.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { momentText } from '../i18n/dates.ts'
import { GridTable } from '../parts/grid-table.tsx'
import type { VendorPlace } from './vendor.desk.ts'

const kinds = {
  sale: 'Sale',
  refund: 'Refund',
  refund_undone: 'Refund undone',
  dispute: 'Dispute',
  payout: 'Paid out',
  payout_returned: 'Payout came back',
} as const

/** A vendor's account of one month: every line leads to an order or a payout, and the lines make the balance to the cent. */
export function VendorMoney({ place, month, account }: { place: VendorPlace; month: string; account: VendorAccount }) {
  return (
    <div class="stack">
      <h1>Money, {month}</h1>
      <form class="filters" method="get" action={place.at('/vendor/statement')}>
        <input type="hidden" name="vendorId" value={place.vendorId} />
        <div class="field">
          <label for="month">Month</label>
          <input class="input" id="month" name="month" type="month" value={month} />
        </div>
        <button class="btn">Show</button>
      </form>
      <dl class="facts">
        <div>
          <dt>Owed at the start</dt>
          <dd>{formatMoney(account.openingMinor)}</dd>
        </div>
        <div>
          <dt>Owed at the end</dt>
          <dd>{formatMoney(account.closingMinor)}</dd>
        </div>
      </dl>
      {account.entries.length === 0 ? (
        <p>Nothing moved in this month.</p>
      ) : (
        <GridTable
          caption="What moved, oldest first"
          rows={account.entries.map((entry, at) => ({ ...entry, key: String(at) }))}
          keyOf={({ key }) => key}
          columns={[
            { label: 'When', cell: ({ at }) => momentText(at) },
            { label: 'What', cell: ({ kind }) => kinds[kind] },
            { label: 'Order or payout', cell: ({ reference }) => reference },
            { label: 'Goods', isNumber: true, cell: ({ grossMinor }) => formatMoney(grossMinor) },
            { label: 'Commission', isNumber: true, cell: ({ commissionMinor }) => formatMoney(commissionMinor) },
            { label: 'Yours', isNumber: true, cell: ({ netMinor }) => formatMoney(netMinor) },
          ]}
        />
      )}
    </div>
  )
}
