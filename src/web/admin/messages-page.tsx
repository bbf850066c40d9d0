import type { listWebhookEvents } from '../../domain/payments/money-desk.queries.ts'
import { momentText } from '../i18n/dates.ts'
import { Flash } from '../parts/flash.tsx'
import { GridTable } from '../parts/grid-table.tsx'
import { providerName } from '../parts/provider-name.ts'
import { FilterForm } from './filter-form.tsx'
import { MoneyBadge } from './money-badge.tsx'
import type { Outcome } from '../parts/form-outcome.ts'

/** The inbox of the providers: what came, what it did, and a way to let it be worked again. */
export function MessagesPage({
  filter,
  items,
  outcome,
}: {
  filter: { state: string | undefined; provider: string | undefined }
  items: Awaited<ReturnType<typeof listWebhookEvents>>
  outcome: Outcome
}) {
  return (
    <div class="stack">
      <h1>Provider messages</h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <FilterForm
        action="/admin/messages"
        fields={[
          { name: 'state', label: 'State', value: filter.state, options: ['received', 'deferred', 'failed', 'unmatched', 'applied'] },
          { name: 'provider', label: 'Provider', value: filter.provider, options: ['mpesa', 'stripe', 'paystack', 'paypal'] },
        ]}
      />
      {items.length === 0 ? (
        <p>No messages.</p>
      ) : (
        <GridTable
          caption="The last hundred messages"
          rows={items}
          keyOf={({ id }) => id}
          columns={[
            { label: 'Received', cell: ({ receivedAt }) => momentText(new Date(receivedAt)) },
            { label: 'Provider', cell: ({ provider }) => providerName(provider) },
            { label: 'What', cell: ({ eventType }) => eventType },
            { label: 'State', cell: ({ state }) => <MoneyBadge state={state} /> },
            { label: 'Tries', isNumber: true, cell: ({ attempts }) => String(attempts) },
            { label: 'Last error', cell: ({ lastError }) => lastError ?? '' },
            {
              label: 'Again',
              cell: ({ id }) => (
                <form method="post" action={`/admin/messages/${id}/replay`}>
                  <button class="btn btn-quiet">Work it again</button>
                </form>
              ),
            },
          ]}
        />
      )}
    </div>
  )
}
