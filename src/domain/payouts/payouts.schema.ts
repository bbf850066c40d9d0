import { t } from 'elysia'
import { moneyView } from '../../lib/money.ts'
import { closed, Instant, MoneyShape, page, whole } from '../../platform/http/shapes.ts'
import type { PayoutRow } from './payout.queries.ts'
import type { payoutBatches } from './payout.table.ts'
import type { VendorAccount } from './vendor-account.queries.ts'

const Day = t.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'A day in Nairobi.', examples: ['2026-11-24'] })
const Method = t.Union([t.Literal('mpesa'), t.Literal('bank')])
const PayoutState = t.Union([t.Literal('created'), t.Literal('pending'), t.Literal('succeeded'), t.Literal('failed')], {
  description: 'created: its batch waits for approval. pending: it may be sent. succeeded: it arrived. failed: it is owed again.',
})
const BatchState = t.Union([t.Literal('draft'), t.Literal('approved'), t.Literal('closed'), t.Literal('cancelled')])

export const StatementDays = { from: Day, to: t.String({ ...Day, description: 'The last day, included.' }) }

export const BalanceShape = closed({ owed: MoneyShape, onItsWay: MoneyShape })

export const StatementShape = closed({
  from: Day,
  to: Day,
  opening: MoneyShape,
  entries: t.Array(
    closed({
      at: Instant,
      kind: t.String({ description: 'sale, refund, refund_undone, dispute, payout or payout_returned.' }),
      reference: t.String({ description: 'The order’s number, or the payout’s reference.' }),
      gross: MoneyShape,
      commission: MoneyShape,
      commissionVat: t.Object(MoneyShape.properties, { additionalProperties: false, description: 'Contained in the commission.' }),
      net: MoneyShape,
    }),
  ),
  closing: MoneyShape,
})

/** A statement on the wire. */
export const statementView = (days: { from: string; to: string }, account: VendorAccount) => ({
  ...days,
  opening: moneyView(account.openingMinor),
  entries: account.entries.map((entry) => ({
    at: entry.at.toISOString(),
    kind: entry.kind,
    reference: entry.reference,
    gross: moneyView(entry.grossMinor),
    commission: moneyView(entry.commissionMinor),
    commissionVat: moneyView(entry.commissionVatMinor),
    net: moneyView(entry.netMinor),
  })),
  closing: moneyView(account.closingMinor),
})

const PayoutShape = closed({
  id: t.String(),
  vendorId: t.String(),
  batchId: t.String(),
  reference: t.String({ examples: ['PB-20261124-0001-1'] }),
  payeeName: t.String(),
  payeeAccount: t.String({ description: 'M-Pesa number, or bank code, branch code and account.' }),
  method: t.String(),
  amount: MoneyShape,
  state: PayoutState,
  reason: t.Union([t.String(), t.Null()]),
  receipt: t.Union([t.String(), t.Null()]),
  createdAt: Instant,
  paidAt: t.Union([Instant, t.Null()]),
})
export const PayoutPage = page(PayoutShape)

/** A payout on the wire. */
export const payoutView = ({ amountMinor, createdAt, paidAt, state, ...rest }: PayoutRow) => ({
  ...rest,
  state: state as 'created' | 'pending' | 'succeeded' | 'failed',
  amount: moneyView(amountMinor),
  createdAt: createdAt.toISOString(),
  paidAt: paidAt?.toISOString() ?? null,
})

const batch = {
  id: t.String(),
  number: t.String({ examples: ['PB-20261124-0001'] }),
  method: Method,
  state: BatchState,
  total: MoneyShape,
  needsSecondPerson: t.Boolean(),
  madeBy: t.String(),
  approvedBy: t.Union([t.String(), t.Null()]),
  createdAt: Instant,
  approvedAt: t.Union([Instant, t.Null()]),
  exportedAt: t.Union([Instant, t.Null()]),
  closedAt: t.Union([Instant, t.Null()]),
}
export const BatchPage = page(closed(batch))
export const BatchShape = closed({ ...batch, payouts: t.Array(PayoutShape) })
export const BatchQuery = t.Object({
  state: t.Optional(BatchState),
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
})

/** A batch on the wire. */
export const batchView = (row: typeof payoutBatches.$inferSelect) => ({
  id: row.id,
  number: row.number,
  method: row.method as 'mpesa' | 'bank',
  state: row.state as 'draft' | 'approved' | 'closed' | 'cancelled',
  total: moneyView(row.totalMinor, row.currency),
  needsSecondPerson: row.totalMinor > row.limitMinor,
  madeBy: row.madeBy,
  approvedBy: row.approvedBy,
  createdAt: row.createdAt.toISOString(),
  approvedAt: row.approvedAt?.toISOString() ?? null,
  exportedAt: row.exportedAt?.toISOString() ?? null,
  closedAt: row.closedAt?.toISOString() ?? null,
})

export const MakeBatchBody = closed(
  {
    method: Method,
    vendors: t.Optional(
      t.Array(
        closed({
          vendorId: t.String({ format: 'uuid' }),
          amountMinor: t.Optional(whole(1, 10_000_000_000, 'All that is owed when left out.')),
        }),
        { minItems: 1, maxItems: 500, description: 'Everybody who is owed enough when left out.' },
      ),
    ),
  },
  { examples: [{ method: 'mpesa' }] },
)

export const ResultsBody = closed(
  {
    results: t.Array(
      t.Union([
        closed({
          payoutId: t.String({ format: 'uuid' }),
          status: t.Literal('paid'),
          receipt: t.String({ minLength: 3, maxLength: 60, pattern: '^[A-Za-z0-9/_-]+$' }),
        }),
        closed({ payoutId: t.String({ format: 'uuid' }), status: t.Literal('failed'), reason: t.String({ minLength: 3, maxLength: 200 }) }),
      ]),
      { minItems: 1, maxItems: 500 },
    ),
  },
  { examples: [{ results: [{ payoutId: '0193a000-0000-7000-8000-000000000000', status: 'paid', receipt: 'TKP4XJ7Q2L' }] }] },
)
