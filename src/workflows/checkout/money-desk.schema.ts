import { t } from 'elysia'
import { TransactionShape } from '../../domain/payments/payments.schema.ts'
import { closed, Instant, page, whole } from '../../platform/http/shapes.ts'

const text = (description?: string) => t.String({ maxLength: 200, ...(description === undefined ? {} : { description }) })
const nullable = <Shape extends ReturnType<typeof t.String> | ReturnType<typeof t.Number>>(shape: Shape) => t.Union([shape, t.Null()])
const minorUnits = t.Number({ description: 'Minor units (cents).' })

export const MoneyQuery = t.Object({
  kind: t.Optional(t.Union([t.Literal('charge'), t.Literal('refund'), t.Literal('payout'), t.Literal('dispute')])),
  provider: t.Optional(text()),
  state: t.Optional(text('As stored: created, pending, review, manual, ...')),
  order: t.Optional(text('An order number.')),
  reference: t.Optional(text('Ours, the provider’s id, or the receipt.')),
  waits: t.Optional(t.Literal('true', { description: 'Only what needs a person.' })),
  from: t.Optional(t.String({ format: 'date-time' })),
  to: t.Optional(t.String({ format: 'date-time' })),
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.String({ pattern: '^[1-9][0-9]?$|^100$' })),
})

export const TransactionPage = page(TransactionShape)

export const HistoryShape = closed({
  transaction: TransactionShape,
  events: t.Array(
    closed({
      seq: t.Number(),
      effect: t.String(),
      effectRef: t.String(),
      source: t.String(),
      fromState: nullable(t.String()),
      toState: t.String(),
      amountMinor: nullable(t.Number()),
      data: t.Record(t.String(), t.Unknown()),
      webhookEventId: nullable(t.String()),
      message: t.Union([closed({ eventType: t.String(), body: t.String({ description: 'As it came.' }) }), t.Null()]),
      at: Instant,
    }),
  ),
})

export const RefundBody = closed(
  {
    amountMinor: t.Optional(whole(1, 99_999_999, 'In cents. Absent: all that is left.')),
    reason: t.String({ minLength: 3, maxLength: 200 }),
  },
  { examples: [{ amountMinor: 150_000, reason: 'The dress came torn' }] },
)
export const RefundOpened = closed({
  refundId: t.String(),
  needsSecond: t.Boolean({ description: 'Another member of staff has to confirm it before anything is sent.' }),
})

export const ReviewBody = closed(
  {
    decision: t.Union([t.Literal('accept'), t.Literal('reject')], { description: 'Whether the money is there, in full.' }),
    reason: t.String({ minLength: 3, maxLength: 200 }),
    receipt: t.Optional(t.String({ minLength: 4, maxLength: 60 })),
    order: t.Optional(t.String({ maxLength: 20, description: 'The order it was meant for, where a payment by hand named none.' })),
  },
  { examples: [{ decision: 'accept', reason: 'Seen on the statement of 24 November', receipt: 'UB2K7H8J9L' }] },
)
export const CompletionBody = closed(
  { reference: t.String({ minLength: 4, maxLength: 60, description: 'The proof that it was sent, such as an M-Pesa receipt.' }) },
  { examples: [{ reference: 'UB9RETURN1' }] },
)
export const OutcomeShape = closed({ outcome: t.String() })

export const PaybillAddresses = closed({ validationUrl: t.String(), confirmationUrl: t.String() })

export const InboxQuery = t.Object({
  state: t.Optional(t.Union(['received', 'processed', 'ignored', 'unmatched', 'deferred', 'failed'].map((state) => t.Literal(state)))),
  provider: t.Optional(text()),
})
export const InboxShape = closed({
  items: t.Array(
    closed({
      id: t.String(),
      provider: t.String(),
      eventType: t.String(),
      providerRef: nullable(t.String()),
      state: t.String(),
      attempts: t.Number(),
      lastError: nullable(t.String()),
      receivedAt: Instant,
      appliedAt: nullable(t.String()),
    }),
  ),
})

export const ReconcileBody = closed(
  {
    provider: t.String({ maxLength: 20 }),
    since: t.String({ format: 'date-time' }),
    dryRun: t.Optional(t.Boolean({ description: 'Only look: ask, settle and keep nothing.' })),
  },
  { examples: [{ provider: 'stripe', since: '2026-11-23T00:00:00.000Z', dryRun: true }] },
)
export const ReconciledShape = closed({ compared: t.Number(), mended: t.Number(), open: t.Number() })
export const BreakList = closed({
  items: t.Array(
    closed({
      id: t.String(),
      provider: t.String(),
      kind: t.String(),
      providerRef: t.String(),
      transactionId: nullable(t.String()),
      theirMinor: nullable(t.Number()),
      ourMinor: nullable(t.Number()),
      currency: t.String(),
      occurredAt: Instant,
      seenAt: Instant,
      resolution: nullable(t.String()),
    }),
  ),
})

export const BalanceList = closed({
  accounts: t.Array(
    closed({ account: t.String(), currency: t.String(), debitMinor: minorUnits, creditMinor: minorUnits, balanceMinor: minorUnits }),
  ),
})
export const PeriodQuery = t.Object({
  from: t.String({ format: 'date-time' }),
  to: t.String({ format: 'date-time' }),
})
export const VendorDays = closed({
  days: t.Array(
    closed({
      day: t.String({ description: 'In Nairobi.' }),
      salesMinor: minorUnits,
      takenBackMinor: minorUnits,
      paidOutMinor: minorUnits,
      commissionMinor: minorUnits,
      commissionVatMinor: minorUnits,
      owedMinor: minorUnits,
    }),
  ),
})
export const ProviderDays = closed({
  days: t.Array(
    closed({
      day: t.String({ description: 'In Nairobi.' }),
      provider: t.String(),
      currency: t.String(),
      receivedMinor: minorUnits,
      refundedMinor: minorUnits,
      feesMinor: minorUnits,
      disputedMinor: minorUnits,
      changeMinor: minorUnits,
    }),
  ),
})
