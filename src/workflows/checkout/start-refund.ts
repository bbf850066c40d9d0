import type { Context } from '../../context.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { nextRefundCheck } from '../../domain/payments/check.schedule.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { PaymentFact, PaymentProvider, RefundRef } from '../../domain/payments/provider.port.ts'
import { findRefundRef } from '../../domain/payments/transaction.queries.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { after, seconds } from '../../lib/time.ts'
import { OutgoingError } from '../../platform/outgoing.ts'
import { lockOrderOf } from './lock-order.ts'
import { settlePayment, type SettleOutcome } from './settle-payment.ts'

/**
 * Makes the provider call of a refund that was opened. Where the process may die:
 *   1  before the attempt is written down: nothing was sent; the outbox does it again.
 *   2  after it, before or during the call: whether money went back is unknown. A provider with a key is called again under the
 *      same key; one without is asked first, and called only when it has never heard of the refund.
 *   3  after the answer, before it is written down: as 2.
 * A lost answer leaves the refund pending, and the due check finds out.
 */
export async function startRefund(context: Context, refundId: string): Promise<SettleOutcome | 'skipped'> {
  const refund = await findRefundRef(context.payDb, context.config, refundId)
  if (refund === undefined || refund.state !== 'created') return 'skipped'
  const provider = context.providers.get(refund.provider)
  if (provider === undefined)
    return await settlePayment(context, {
      transactionId: refundId,
      effect: 'refund_manual',
      effectRef: `${refundId}:off`,
      source: 'system',
      reason: 'provider_off',
    })
  const isFirst = await claimAttempt(context, refundId)
  return await settlePayment(context, await sendBack(context, provider, refund, isFirst))
}

/** Writes down that the call is about to be made, in a commit of its own. False when it was begun before. */
async function claimAttempt(context: Context, refundId: string): Promise<boolean> {
  return await context.payDb.transaction(async (tx) => {
    await lockOrderOf(tx, refundId)
    const row = await lockTransaction(tx, refundId)
    if (row.attemptedAt !== null || row.state !== 'created') return false
    await applyEvent(tx, systemStamp('payments.refund', context), row, {
      transactionId: refundId,
      effect: 'start_attempted',
      effectRef: refundId,
      source: 'system',
      // Should everything after this be lost, the check that is due then finds out.
      nextCheckAt: after(context.clock.now(), seconds(60)),
    })
    return true
  })
}

/** Calls the provider, asking first where a repeat would send the money twice. Answers what is known after it. */
export async function sendBack(context: Context, provider: PaymentProvider, refund: RefundRef, isFirst: boolean): Promise<PaymentFact> {
  try {
    const told = isFirst || provider.isRefundRepeatable ? 'absent' : await provider.askRefund(refund)
    return withSchedule(context, refund, told === 'absent' ? await provider.refund(refund) : told)
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    context.log.warn({ error, transactionId: refund.id, provider: provider.name }, 'the answer to a refund was lost')
    return {
      transactionId: refund.id,
      effect: 'refund_pending',
      effectRef: `${refund.id}:lost`,
      source: 'system',
      reason: 'answer_lost',
      nextCheckAt: nextRefundCheck(refund, context.clock.now()),
    }
  }
}

/** A refund that is decided is not asked about again; one that is not has a time for the next question. */
export const withSchedule = (context: Context, refund: RefundRef, fact: PaymentFact): PaymentFact => ({
  ...fact,
  nextCheckAt:
    fact.effect === 'refund_pending' ? (fact.nextCheckAt ?? nextRefundCheck({ ...refund, state: 'pending' }, context.clock.now())) : null,
})
