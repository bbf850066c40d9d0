import type { Context } from '../../context.ts'
import { nextRefundCheck } from '../../domain/payments/check.schedule.ts'
import { postponeCheck } from '../../domain/payments/claim-checks.ts'
import { findRefundRef } from '../../domain/payments/transaction.queries.ts'
import { OutgoingError } from '../../platform/outgoing.ts'
import { settlePayment, type SettleOutcome } from './settle-payment.ts'
import { sendBack, withSchedule } from './start-refund.ts'

/**
 * Asks the provider what became of a refund that is not decided, and settles what it says. One it has never heard of is sent now:
 * that is how a refund whose call was lost on the way still reaches the shopper, and only once. A provider that cannot be reached
 * changes nothing but the time of the next question.
 */
export async function askRefund(context: Context, refundId: string): Promise<SettleOutcome | 'asked'> {
  const refund = await findRefundRef(context.payDb, context.config, refundId)
  if (refund === undefined) return 'asked'
  const provider = context.providers.get(refund.provider)
  const now = context.clock.now()
  const isOpen = refund.state === 'created' || refund.state === 'pending'
  if (provider === undefined || !isOpen || refund.attemptedAt === undefined) {
    await postponeCheck(context.payDb, refund, null)
    return 'asked'
  }
  try {
    const told = await provider.askRefund(refund)
    const isUnsent = told === 'absent' && refund.sessionRef === undefined
    if (told === 'absent' && !isUnsent)
      context.log.error({ transactionId: refund.id, provider: provider.name }, 'the provider has forgotten a refund it had accepted')
    const fact = isUnsent
      ? await sendBack(context, provider, refund, true)
      : told === 'absent'
        ? undefined
        : withSchedule(context, refund, told)
    const outcome = fact === undefined ? 'asked' : await settlePayment(context, fact)
    // The same word again is no event of its own, but the schedule goes on.
    if (fact === undefined) await postponeCheck(context.payDb, refund, nextRefundCheck(refund, now))
    else if (outcome === 'repeated') await postponeCheck(context.payDb, refund, fact.nextCheckAt ?? null)
    return outcome
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    context.log.warn({ error, transactionId: refund.id, provider: provider.name }, 'the provider could not be asked about a refund')
    await postponeCheck(context.payDb, refund, nextRefundCheck(refund, now))
    return 'asked'
  }
}
