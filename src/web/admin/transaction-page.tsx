import type { transactionHistory } from '../../domain/payments/money-desk.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { momentText } from '../i18n/dates.ts'
import { Flash } from '../parts/flash.tsx'
import { TextField } from '../parts/form-field.tsx'
import { GridTable } from '../parts/grid-table.tsx'
import { providerName } from '../parts/provider-name.ts'
import { MoneyBadge } from './money-badge.tsx'
import type { Outcome } from '../parts/form-outcome.ts'

type History = NonNullable<Awaited<ReturnType<typeof transactionHistory>>>

/** One movement with everything that was ever said about it, and what staff can decide. */
export function TransactionPage({ transaction, events, outcome, formKey }: History & { outcome: Outcome; formKey: string }) {
  const money = (minor: bigint) => formatMoney(minor, transaction.currency)
  const left = transaction.capturedMinor - transaction.refundedMinor - transaction.refundPendingMinor
  return (
    <div class="stack">
      <h1>
        {transaction.reference} <MoneyBadge state={transaction.state} />
      </h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <div class="columns">
        <div class="stack">
          <dl class="facts">
            <Fact name="Kind" value={`${transaction.kind} by ${providerName(transaction.provider)}`} />
            <Fact name="Asked for" value={money(transaction.amountMinor)} />
            <Fact name="Received" value={money(transaction.capturedMinor)} />
            <Fact name="Given back" value={money(transaction.refundedMinor)} />
            {transaction.refundPendingMinor > 0n && <Fact name="On its way back" value={money(transaction.refundPendingMinor)} />}
            <Fact name="Receipt" value={transaction.receipt ?? 'none'} />
            <Fact name="Phone" value={transaction.phoneMasked ?? 'none'} />
            {transaction.reason !== null && <Fact name="Why" value={transaction.reason.replaceAll('_', ' ')} />}
            <Fact name="Begun" value={momentText(transaction.createdAt)} />
          </dl>
          <h2>What was said about it</h2>
          <GridTable
            caption="Events, oldest first"
            rows={events}
            keyOf={({ seq }) => String(seq)}
            columns={[
              { label: 'Event', cell: ({ effect }) => effect.replaceAll('_', ' ') },
              { label: 'By', cell: ({ source }) => source },
              {
                label: 'State',
                cell: ({ fromState, toState }) => (fromState === toState ? toState : `${fromState ?? 'new'} → ${toState}`),
              },
              {
                label: 'Amount',
                isNumber: true,
                cell: ({ amountMinor }) => (amountMinor === null ? '' : formatMoney(amountMinor, transaction.currency)),
              },
              { label: 'When', cell: ({ at }) => momentText(new Date(at)) },
              {
                label: 'Raw',
                cell: ({ message }) =>
                  message === null ? (
                    ''
                  ) : (
                    <details>
                      <summary>{message.eventType === '' ? 'message' : message.eventType}</summary>
                      <pre class="raw">{message.body}</pre>
                    </details>
                  ),
              },
            ]}
          />
        </div>
        <aside class="stack">
          {transaction.kind === 'charge' && left > 0n && <RefundForm id={transaction.id} left={money(left)} formKey={formKey} />}
          {transaction.state === 'review' && <ReviewForm id={transaction.id} />}
          {transaction.kind === 'refund' && transaction.state === 'manual' && <SentForm id={transaction.id} />}
          {transaction.kind === 'refund' && transaction.state === 'created' && (
            <form class="panel stack" method="post" action={`/admin/money/${transaction.id}/confirm`}>
              <h2>Confirm this refund</h2>
              <p>Somebody asked for it. A second member of staff says yes.</p>
              <button class="btn">Confirm {money(transaction.amountMinor)}</button>
            </form>
          )}
          {transaction.parentId !== null && (
            <p>
              <a href={`/admin/money/${transaction.parentId}`}>The charge it belongs to</a>
            </p>
          )}
        </aside>
      </div>
    </div>
  )
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

const RefundForm = ({ id, left, formKey }: { id: string; left: string; formKey: string }) => (
  <form class="panel stack" method="post" action={`/admin/money/${id}/refund`}>
    <h2>Give money back</h2>
    {/* Two taps on the button are one refund. */}
    <input type="hidden" name="key" value={formKey} />
    <TextField
      name="amount"
      label="Amount in shillings"
      hint={`Empty gives back all that is left: ${left}.`}
      inputmode="decimal"
      isOptional
      maxlength={14}
    />
    <TextField name="reason" label="Reason" hint="Written into the audit log." maxlength={200} />
    <button class="btn">Refund</button>
  </form>
)

const ReviewForm = ({ id }: { id: string }) => (
  <form class="panel stack" method="post" action={`/admin/money/${id}/decide`}>
    <h2>Decide this payment</h2>
    <p>Look at the provider's own statement first. Yes says that the whole amount is there.</p>
    <TextField name="receipt" label="Receipt on the statement" isOptional maxlength={60} />
    <TextField name="reason" label="What you saw" maxlength={200} />
    <button class="btn" name="decision" value="accept">
      The money is there
    </button>
    <button class="btn btn-quiet" name="decision" value="reject">
      There is no money for this
    </button>
  </form>
)

const SentForm = ({ id }: { id: string }) => (
  <form class="panel stack" method="post" action={`/admin/money/${id}/sent`}>
    <h2>Send this refund by hand</h2>
    <p>The provider cannot do it for us. Send it, then write down the proof.</p>
    <TextField name="receipt" label="Receipt of what you sent" maxlength={60} />
    <button class="btn">It was sent</button>
  </form>
)
