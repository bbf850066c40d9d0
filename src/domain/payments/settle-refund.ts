import { and, eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type AppliedEvent, applyEvent, type LockedTransaction } from './apply-event.ts'
import type { PaymentFact } from './provider.port.ts'
import { transactionEvents } from './transaction.table.ts'

/**
 * Applies a fact about a refund to the refund and, where money moved, to its charge: counters, events and posting in one commit.
 * Both rows are locked by the caller, the charge first. A repeat changes neither.
 */
export async function settleRefund(
  tx: Tx,
  stamp: Stamp,
  charge: LockedTransaction,
  refund: LockedTransaction,
  fact: PaymentFact,
): Promise<AppliedEvent> {
  const applied = await applyEvent(tx, stamp, refund, fact)
  const hasMoved = applied.fromState !== applied.row.state
  if (hasMoved && (fact.effect === 'refund_succeeded' || fact.effect === 'refund_failed')) {
    await applyEvent(tx, stamp, charge, {
      transactionId: charge.id,
      effect: fact.effect,
      effectRef: `${refund.id}:${fact.effectRef}`,
      source: fact.source,
      provenAmountMinor: refund.amountMinor,
      provenCurrency: refund.currency,
      webhookEventId: fact.webhookEventId,
      data: { refundId: refund.id, refundFrom: await standingBefore(tx, applied) },
    })
  }
  return applied
}

/** What the refund was; one that failed after it had succeeded is `returned`, because its money lies in another account. */
async function standingBefore(tx: Tx, { row, fromState }: AppliedEvent): Promise<string> {
  if (fromState !== 'failed') return fromState
  const [sent] = await tx
    .select({ id: transactionEvents.id })
    .from(transactionEvents)
    .where(
      and(
        eq(transactionEvents.transactionId, row.id),
        eq(transactionEvents.effect, 'refund_failed'),
        eq(transactionEvents.fromState, 'succeeded'),
      ),
    )
    .limit(1)
  return sent === undefined ? 'failed' : 'returned'
}
