import type { listBreaks } from '../../domain/payments/money-desk.queries.ts'
import type { TransactionView } from '../../domain/payments/transaction.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { momentText } from '../i18n/dates.ts'
import { GridTable } from '../parts/grid-table.tsx'
import { Pager } from '../parts/pager.tsx'
import { providerName } from '../parts/provider-name.ts'
import { FilterForm } from './filter-form.tsx'
import { MoneyBadge } from './money-badge.tsx'

export type MoneyFilterView = {
  kind: string | undefined
  provider: string | undefined
  state: string | undefined
  order: string | undefined
  reference: string | undefined
  waits: boolean
}

/** Every movement of money at every provider in one list, and what providers and the shop do not agree on. */
export function MoneyPage({
  filter,
  items,
  nextCursor,
  breaks,
}: {
  filter: MoneyFilterView
  items: readonly TransactionView[]
  nextCursor: string | null
  breaks: Awaited<ReturnType<typeof listBreaks>>
}) {
  const kept = new URLSearchParams(
    Object.entries(filter).flatMap(([name, value]) => (value === undefined || value === false ? [] : [[name, String(value)]])),
  )
  return (
    <div class="stack">
      <h1>{filter.waits ? 'Money that waits for somebody' : 'Money'}</h1>
      <FilterForm
        action="/admin/money"
        fields={[
          { name: 'kind', label: 'Kind', value: filter.kind, options: ['charge', 'refund', 'payout', 'dispute'] },
          { name: 'provider', label: 'Provider', value: filter.provider, options: ['mpesa', 'stripe', 'paystack', 'paypal', 'cod'] },
          {
            name: 'state',
            label: 'State',
            value: filter.state,
            options: ['pending', 'succeeded', 'failed', 'expired', 'review', 'duplicate', 'manual'],
          },
          { name: 'order', label: 'Order number', value: filter.order },
          { name: 'reference', label: 'Reference or receipt', value: filter.reference },
        ]}
      />
      <p>
        <a href="/admin/money?waits=true">What waits for somebody</a>
      </p>
      {items.length === 0 ? (
        <p>Nothing here.</p>
      ) : (
        <GridTable
          caption="Movements of money, newest first"
          rows={items}
          keyOf={({ id }) => id}
          columns={[
            { label: 'Reference', cell: (row) => <a href={`/admin/money/${row.id}`}>{row.reference}</a> },
            { label: 'Kind', cell: ({ kind }) => kind },
            { label: 'Provider', cell: ({ provider }) => providerName(provider) },
            { label: 'State', cell: ({ state }) => <MoneyBadge state={state} /> },
            { label: 'Amount', isNumber: true, cell: ({ amountMinor, currency }) => formatMoney(amountMinor, currency) },
            { label: 'Receipt', cell: ({ receipt, reason }) => receipt ?? reason ?? '' },
            { label: 'Phone', cell: ({ phoneMasked }) => phoneMasked ?? '' },
            { label: 'Begun', cell: ({ createdAt }) => momentText(createdAt) },
          ]}
        />
      )}
      <Pager
        next={nextCursor === null ? undefined : `/admin/money?${kept}${kept.size > 0 ? '&' : ''}cursor=${encodeURIComponent(nextCursor)}`}
      />
      <h2>Where a provider and the shop disagree</h2>
      {breaks.length === 0 ? (
        <p>Nowhere.</p>
      ) : (
        <GridTable
          caption="Open differences"
          rows={breaks}
          keyOf={({ id }) => id}
          columns={[
            {
              label: 'Reference there',
              cell: ({ providerRef, transactionId }) =>
                transactionId === null ? providerRef : <a href={`/admin/money/${transactionId}`}>{providerRef}</a>,
            },
            { label: 'Provider', cell: ({ provider }) => providerName(provider) },
            { label: 'What', cell: ({ kind }) => kind.replaceAll('_', ' ') },
            {
              label: 'Theirs',
              isNumber: true,
              cell: ({ theirMinor, currency }) => (theirMinor === null ? 'none' : formatMoney(theirMinor, currency ?? 'KES')),
            },
            {
              label: 'Ours',
              isNumber: true,
              cell: ({ ourMinor, currency }) => (ourMinor === null ? 'none' : formatMoney(ourMinor, currency ?? 'KES')),
            },
            { label: 'Seen', cell: ({ seenAt }) => momentText(new Date(seenAt)) },
          ]}
        />
      )}
    </div>
  )
}
