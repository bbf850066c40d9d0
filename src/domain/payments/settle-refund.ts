import { and, eq, ne } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type AppliedEvent, applyEvent, type LockedTransaction } from './apply-event.ts'
import type { PaymentFact } from './provider.port.ts'
import { transactionEvents } from './transaction.table.ts'

/**
 * Applies a fact about a refund to the refund and, where money moved, to its charge: counters, events and posting in one commit.
 * Both rows are locked by the caller, the charge first. A repeat changes neither. A success that is told after the failure that
 * undid it leaves the refund failed, and moves what is owed to where it would be had the news come in order.
 */
export async function settleRefund(
  tx: Tx,
  stamp: Stamp,
  charge: LockedTransaction,
  refund: LockedTransaction,
  fact: PaymentFact,
): Promise<AppliedEvent> {
  const applied = await applyEvent(tx, stamp, refund, fact)
  if (applied.eventId === undefined) return applied
  const { fromState, row } = applied
  const isOvertaken = fact.effect === 'refund_succeeded' && fromState === 'failed' && row.state === 'failed'
  const isAgain = fromState === 'failed' && (row.state === 'pending' || row.state === 'manual')
  if (isOvertaken && (await hasSucceeded(tx, row, applied.eventId))) return applied
  if (!isOvertaken && fromState === row.state) return applied
  if (!isAgain && fact.effect !== 'refund_succeeded' && fact.effect !== 'refund_failed') return applied
  await applyEvent(tx, stamp, charge, {
    transactionId: charge.id,
    effect: isAgain ? 'refund_requested' : fact.effect,
    effectRef: `${refund.id}:${fact.effectRef}`,
    source: fact.source,
    provenAmountMinor: refund.amountMinor,
    provenCurrency: refund.currency,
    ...(fact.webhookEventId === undefined ? {} : { webhookEventId: fact.webhookEventId }),
    data: { refundId: refund.id, refundFrom: isOvertaken ? 'overtaken' : await standingBefore(tx, applied) },
  })
  return applied
}

/** What the refund was; one that failed after it had succeeded is `returned`, because its money lies in another account. */
async function standingBefore(tx: Tx, { row, fromState, eventId }: AppliedEvent): Promise<string> {
  return fromState === 'failed' && (await hasSucceeded(tx, row, eventId ?? '')) ? 'returned' : fromState
}

/** Whether this refund was said to have succeeded before, by whatever news and in whatever order. */
async function hasSucceeded(tx: Tx, refund: LockedTransaction, exceptEventId: string): Promise<boolean> {
  const [sent] = await tx
    .select({ id: transactionEvents.id })
    .from(transactionEvents)
    .where(
      and(
        eq(transactionEvents.transactionId, refund.id),
        eq(transactionEvents.effect, 'refund_succeeded'),
        ne(transactionEvents.id, exceptEventId),
      ),
    )
    .limit(1)
  return sent !== undefined
}
