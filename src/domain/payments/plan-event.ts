import { actorLabel } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Effect, PaymentFact } from './provider.port.ts'
import { holdsMoney, type ProjectedEvent, projectEvent } from './transaction.projection.ts'
import type { transactionEvents, transactions } from './transaction.table.ts'

/** A transaction row the caller has locked (order first, then transaction: lock-transaction.ts). */
export type LockedTransaction = typeof transactions.$inferSelect

/**
 * What a fact came to. `paid`: money proven for an order no other charge has paid. `duplicate`: proven, but the order was paid already.
 * `contradicted`: a message that does not fit money already proven, which stays as it is.
 * `refunded`: a refund reached the customer. `disputed`: a dispute was opened or decided.
 * `repeated`: known before, nothing changed. `ignored`: kept as a row where it is one, but without effect on the state.
 * The rest are the state the transaction moved to.
 */
export type AppliedOutcome =
  | 'paid'
  | 'refunded'
  | 'duplicate'
  | 'review'
  | 'contradicted'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'pending'
  | 'processing'
  | 'manual'
  | 'disputed'
  | 'repeated'
  | 'ignored'

/** The outcome with the row as it is now. */
export interface AppliedEvent {
  readonly outcome: AppliedOutcome
  readonly row: LockedTransaction
  readonly fromState: string
  readonly eventId: string | undefined
}

/** What the fact needs to know from outside the transaction. */
export interface ApplyOptions {
  /** The charge that has already paid this order, if another one has. */
  readonly paidByAnother?: string | undefined
  /** The money cannot pay for the order whatever else is so, and goes back: somebody typed too small an amount. */
  readonly isOwedBack?: boolean
}

/** What one fact comes to: the event to be added, what it makes of the row, and the changes that are written. */
export interface PlannedEvent {
  readonly event: ProjectedEvent
  readonly after: ReturnType<typeof projectEvent>
  readonly added: typeof transactionEvents.$inferInsert
  readonly changes: Partial<LockedTransaction>
}

/** Plans the event of a judged fact. Pure: apply-event.ts writes it for one row, apply-events.ts for many that are new. */
export function planEvent(
  stamp: Stamp,
  row: LockedTransaction,
  fact: PaymentFact,
  verdict: { readonly effect: Effect; readonly reason: string | undefined },
  options: ApplyOptions = {},
): PlannedEvent {
  const told = (name: string): string | undefined => (typeof fact.data?.[name] === 'string' ? fact.data[name] : undefined)
  const event: ProjectedEvent = {
    effect: verdict.effect,
    source: fact.source,
    amountMinor: fact.provenAmountMinor ?? null,
    reason: verdict.reason,
    isDuplicate: verdict.effect === 'captured' && (options.paidByAnother !== undefined || options.isOwedBack === true),
    refundFrom: told('refundFrom'),
    disputeFrom: told('disputeFrom'),
  }
  const after = projectEvent(row, event)
  const isProven = !holdsMoney(row.state) && holdsMoney(after.state)
  return {
    event,
    after,
    added: addedRow(stamp, row, fact, event, after.state, options.paidByAnother),
    changes: {
      state: after.state,
      stateReason: after.stateReason,
      capturedMinor: after.capturedMinor,
      refundedMinor: after.refundedMinor,
      refundPendingMinor: after.refundPendingMinor,
      disputedMinor: after.disputedMinor,
      ...(isProven
        ? {
            provenAmountMinor: fact.provenAmountMinor ?? null,
            provenCurrency: fact.provenCurrency ?? null,
            succeededAt: stamp.now,
            duplicateOf: options.paidByAnother ?? null,
          }
        : {}),
      ...references(row, fact, verdict.effect),
      ...(verdict.effect === 'start_attempted' && row.attemptedAt === null ? { attemptedAt: stamp.now } : {}),
      // The call was held back before it was sent, so nothing was begun.
      ...(verdict.effect === 'attempt_failed' && verdict.reason === 'not_sent' && row.state === 'created' ? { attemptedAt: null } : {}),
      ...schedule(row, fact, after.state, verdict.effect),
      ...fee(row, fact, verdict.effect),
      eventCount: row.eventCount + 1,
      updatedAt: stamp.now,
    },
  }
}

const addedRow = (
  stamp: Stamp,
  row: LockedTransaction,
  fact: PaymentFact,
  event: ProjectedEvent,
  toState: string,
  paidByAnother: string | undefined,
): typeof transactionEvents.$inferInsert => ({
  id: stamp.ids.next(),
  transactionId: row.id,
  seq: row.eventCount + 1,
  effect: event.effect,
  effectRef: fact.effectRef,
  amountMinor: fact.provenAmountMinor ?? null,
  currency: fact.provenCurrency ?? null,
  fromState: event.effect === 'created' ? null : row.state,
  toState,
  source: fact.source,
  webhookEventId: fact.webhookEventId ?? null,
  data: {
    ...fact.data,
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    ...(event.isDuplicate ? { duplicateOf: paidByAnother ?? 'nothing' } : {}),
    // Which person decided; the shop's own doings are told by the source.
    ...(stamp.actor.kind === 'person' ? { actor: actorLabel(stamp.actor) } : {}),
    ...(event.effect === fact.effect ? {} : { claimed: fact.effect, ...(fact.receipt === undefined ? {} : { receipt: fact.receipt }) }),
  },
  createdAt: stamp.now,
})

/** Provider ids are filled where they were unknown and never overwritten; those of a fact that does not fit are not believed. */
export function references(row: LockedTransaction, fact: PaymentFact, effect: Effect): Partial<LockedTransaction> {
  if (effect === 'integrity_failed') return {}
  return {
    sessionRef: row.sessionRef ?? fact.sessionRef ?? null,
    paymentRef: row.paymentRef ?? fact.paymentRef ?? null,
    receipt: row.receipt ?? fact.receipt ?? null,
    ...(fact.nextAction === undefined ? {} : { nextAction: fact.nextAction }),
  }
}

function schedule(row: LockedTransaction, fact: PaymentFact, toState: string, effect: Effect): Partial<LockedTransaction> {
  // A person says what became of a payout; nobody is asked.
  if (row.kind === 'payout') return {}
  if (holdsMoney(toState)) return { nextCheckAt: null }
  const isStale = fact.checkNumber !== undefined && fact.checkNumber !== row.checks
  return {
    ...(fact.expiresAt === undefined || row.expiresAt !== null ? {} : { expiresAt: fact.expiresAt }),
    ...(fact.nextCheckAt === undefined || isStale ? {} : { nextCheckAt: fact.nextCheckAt }),
    // The gaps between questions about a claim are counted from the claim.
    ...(effect === 'success_claimed' ? { checks: 0 } : {}),
  }
}

/** A charge's fee is told once, with its capture or after it; each dispute may cost one more. */
function fee(row: LockedTransaction, fact: PaymentFact, effect: Effect): Partial<LockedTransaction> {
  if (fact.feeMinor === undefined || fact.feeMinor <= 0n) return {}
  if (effect.startsWith('dispute_')) return { feeMinor: row.feeMinor + fact.feeMinor }
  return row.feeMinor === 0n ? { feeMinor: fact.feeMinor } : {}
}

const doubts: ReadonlySet<Effect> = new Set(['integrity_failed', 'contradiction'])

/** What a change of state is called by those who follow it. */
export function outcomeOf(before: LockedTransaction, to: string, effect: Effect): AppliedOutcome {
  if (before.kind === 'dispute') return before.state === to && before.eventCount > 0 ? 'ignored' : 'disputed'
  if (doubts.has(effect) && holdsMoney(before.state)) return 'contradicted'
  if (before.kind === 'payout' && to === 'succeeded') return 'paid'
  if (before.state === to) return effect === 'created' || effect === 'accepted' || effect === 'accept_unknown' ? 'pending' : 'ignored'
  if (to === 'succeeded') return before.kind === 'refund' ? 'refunded' : 'paid'
  return to as AppliedOutcome
}
