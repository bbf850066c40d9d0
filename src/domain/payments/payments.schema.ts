import { t } from 'elysia'
import { moneyView } from '../../lib/money.ts'
import { closed, Instant, MoneyShape } from '../../platform/http/shapes.ts'
import type { TransactionView } from './transaction.queries.ts'

/** A movement of money on the wire. */
export const TransactionShape = closed(
  {
    id: t.String(),
    kind: t.String({ description: 'charge, refund, payout or dispute.' }),
    provider: t.String({ examples: ['mpesa'] }),
    method: t.String({ examples: ['mpesa'] }),
    reference: t.String({ description: 'Ours; quote it to support.', examples: ['RAH-7K2M9QXB-1'] }),
    parentId: t.Union([t.String(), t.Null()], { description: 'The charge a refund or dispute belongs to.' }),
    state: t.String({
      description:
        'created, pending, processing, succeeded, failed, cancelled, expired, review, duplicate; from the refunds and disputes of a charge: partially_refunded, refunded, disputed, charged_back; of a refund: also manual.',
    }),
    reason: t.Union([t.String(), t.Null()], { description: 'Why it failed or waits, in a word for programs.' }),
    amount: MoneyShape,
    captured: MoneyShape,
    refunded: MoneyShape,
    refundPending: MoneyShape,
    receipt: t.Union([t.String(), t.Null()], { description: 'The proof the customer holds, such as the M-Pesa receipt.' }),
    phoneMasked: t.Union([t.String(), t.Null()]),
    createdAt: Instant,
    succeededAt: t.Union([Instant, t.Null()]),
  },
  { description: 'One movement of money at a provider.' },
)

/** The row as it goes over the wire. */
export const transactionView = (row: TransactionView) => ({
  id: row.id,
  kind: row.kind,
  provider: row.provider,
  method: row.method,
  reference: row.reference,
  parentId: row.parentId,
  state: row.state,
  reason: row.reason,
  amount: moneyView(row.amountMinor, row.currency),
  captured: moneyView(row.capturedMinor, row.currency),
  refunded: moneyView(row.refundedMinor, row.currency),
  refundPending: moneyView(row.refundPendingMinor, row.currency),
  receipt: row.receipt,
  phoneMasked: row.phoneMasked,
  createdAt: row.createdAt.toISOString(),
  succeededAt: row.succeededAt?.toISOString() ?? null,
})
