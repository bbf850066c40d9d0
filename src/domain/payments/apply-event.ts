import { and, eq, sql } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { drawPosting } from './draw-posting.ts'
import { judgeFact } from './judge-fact.ts'
import { type AppliedEvent, type ApplyOptions, type LockedTransaction, outcomeOf, planEvent, references } from './plan-event.ts'
import { postLedger } from './post-ledger.ts'
import type { Effect, PaymentFact } from './provider.port.ts'
import { transactionEvents, transactions } from './transaction.table.ts'

export type { AppliedEvent, AppliedOutcome, ApplyOptions, LockedTransaction } from './plan-event.ts'

/**
 * Applies one fact to a locked transaction: the only writer of transactions.state and of the counters. Appends the event (unique
 * by effect and effectRef, so the same fact by webhook, poll and retry is one), brings the projection up to date and posts the
 * ledger, all in the caller's commit. Money whose amount, currency, receipt or provider ids do not fit is recorded as
 * `integrity_failed` and goes to review; it is never paid (design: payments.md 1.3, 8.2, 9, 10).
 * Refuses with refund_exceeds when a refund is larger than what is left.
 */
export async function applyEvent(
  tx: Tx,
  stamp: Stamp,
  row: LockedTransaction,
  fact: PaymentFact,
  options: ApplyOptions = {},
): Promise<AppliedEvent> {
  const unchanged = { row, fromState: row.state, eventId: undefined }
  const verdict = await judgeFact(tx, row, fact)
  if (verdict === 'foreign') return { ...unchanged, outcome: 'ignored' }
  const planned = planEvent(stamp, row, fact, verdict, options)
  const { event, after } = planned
  const [added] = await tx
    .insert(transactionEvents)
    .values(planned.added)
    .onConflictDoNothing({ target: [transactionEvents.transactionId, transactionEvents.effect, transactionEvents.effectRef] })
    .returning({ id: transactionEvents.id })
  const eventId = added?.id
  if (eventId === undefined) return { ...unchanged, row: await learnReferences(tx, stamp, row, fact, verdict.effect), outcome: 'repeated' }
  const [saved] = await tx
    .update(transactions)
    .set(planned.changes)
    // The refund guard stands in the statement itself: what is refunded or about to be never exceeds what was captured, and nothing
    // new is promised of what a dispute holds.
    .where(
      and(
        eq(transactions.id, row.id),
        eq(transactions.eventCount, row.eventCount),
        sql`${after.refundedMinor + after.refundPendingMinor + (event.effect === 'refund_requested' ? after.disputedMinor : 0n)}::bigint <= greatest(${transactions.capturedMinor}, ${after.capturedMinor}::bigint)`,
      ),
    )
    .returning()
  if (saved === undefined) throw new Refusal(event.effect === 'refund_requested' ? 'refund_exceeds' : 'conflict')
  await postLedger(
    tx,
    stamp,
    { eventId, transactionId: row.id, orderId: row.orderId, currency: row.currency },
    await drawPosting(tx, row, saved, event, fact),
  )
  return { outcome: outcomeOf(row, saved.state, event.effect), row: saved, fromState: row.state, eventId }
}

/**
 * Two messages of one capture know different ids of it: Stripe's session names no charge, its intent does. Whichever comes second is
 * no event, but what it knows more is kept, so that the row does not depend on which came first.
 */
async function learnReferences(
  tx: Tx,
  stamp: Stamp,
  row: LockedTransaction,
  fact: PaymentFact,
  effect: Effect,
): Promise<LockedTransaction> {
  const { sessionRef, paymentRef, receipt } = { ...row, ...references(row, fact, effect) }
  if (sessionRef === row.sessionRef && paymentRef === row.paymentRef && receipt === row.receipt) return row
  const [saved] = await tx
    .update(transactions)
    .set({ sessionRef, paymentRef, receipt, updatedAt: stamp.now })
    .where(eq(transactions.id, row.id))
    .returning()
  return saved ?? row
}
