import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type AppliedEvent, applyEvent, type LockedTransaction } from './apply-event.ts'
import type { PaymentFact } from './provider.port.ts'

/**
 * Applies a fact about a refund to the refund and, where money moved, to its charge: counters, events and posting in one commit.
 * Both rows are locked by the caller, the charge first. A repeat changes neither.
 */
export async function settleRefund(tx: Tx, stamp: Stamp, charge: LockedTransaction, refund: LockedTransaction, fact: PaymentFact): Promise<AppliedEvent> {
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
      data: { refundId: refund.id, refundFrom: applied.fromState },
    })
  }
  return applied
}
