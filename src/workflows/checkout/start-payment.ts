import type { Context } from '../../context.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { after, minutes } from '../../lib/time.ts'
import { OutgoingError } from '../../platform/outgoing.ts'
import { ageS } from '../../domain/payments/check.schedule.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { isAwaitingMoney } from '../../domain/payments/door-payment.queries.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { PaymentFact, PaymentProvider, TransactionRef } from '../../domain/payments/provider.port.ts'
import { findTransactionRef } from '../../domain/payments/transaction.queries.ts'
import { settlePayment, type SettleOutcome } from './settle-payment.ts'

/**
 * Makes the provider call of a charge that was opened. The numbered points are where the process may die:
 *   1  before the attempt is written down: nothing was sent; the outbox does it again.
 *   2  after it, before or during the call: whether the customer saw a prompt is unknown. A provider without idempotency key is not
 *      called again: the charge becomes pending with its callback address alive, and is asked about or expires softly.
 *   3  after the answer, before it is written down: as 2; the callback or the query brings the ids.
 */
export async function startPayment(context: Context, transactionId: string): Promise<SettleOutcome | 'skipped'> {
  const transaction = await findTransactionRef(context.payDb, context.config, transactionId)
  if (transaction === undefined || transaction.state !== 'created') return 'skipped'
  const provider = context.providers.get(transaction.provider)
  const local = { transactionId, effectRef: transactionId, source: 'system', nextCheckAt: null } as const
  if (provider === undefined) return await settlePayment(context, { ...local, effect: 'rejected', reason: 'provider_off' })
  // Cancelled or expired between opening and calling: the customer must not be asked for money.
  if (!(await isAwaitingMoney(context.payDb, transactionId)))
    return await settlePayment(context, { ...local, effect: 'cancelled', reason: 'order_closed' })
  const isOurs = await claimAttempt(context, transactionId)
  if (!isOurs && !provider.isStartRepeatable) return await settlePayment(context, lostAnswer(context, transactionId))
  return await settlePayment(context, await call(context, provider, transaction, isOurs))
}

/** Writes down that the call is about to be made, in a commit of its own. False when it was begun before. */
async function claimAttempt(context: Context, transactionId: string): Promise<boolean> {
  return await context.payDb.transaction(async (tx) => {
    const row = await lockTransaction(tx, transactionId)
    if (row.attemptedAt !== null || row.state !== 'created') return false
    await applyEvent(tx, systemStamp('payments.start', context), row, {
      transactionId,
      effect: 'start_attempted',
      // One an attempt: those that never left the house are followed by another.
      effectRef: `${transactionId}:${row.eventCount}`,
      source: 'system',
    })
    return true
  })
}

const patienceS = 120

async function call(context: Context, provider: PaymentProvider, transaction: TransactionRef, isOurs: boolean): Promise<PaymentFact> {
  try {
    return await provider.start(transaction)
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    // Held back on this side of the wire: nothing was sent, so the call is made anew, for as long as a shopper may be waiting.
    if (error.failure === 'circuit_open' && ageS(transaction, context.clock.now()) < patienceS) {
      // Only the attempt of this run is undone: one before it may have reached the provider.
      if (isOurs) await settlePayment(context, notSent(context, transaction.id))
      throw error
    }
    if (!error.isUnknown)
      return {
        transactionId: transaction.id,
        effect: 'rejected',
        effectRef: transaction.id,
        source: 'api',
        reason: error.failure === 'circuit_open' ? 'busy' : 'provider_unavailable',
        nextCheckAt: null,
      }
    context.log.warn({ error, transactionId: transaction.id, provider: provider.name }, 'the answer to a payment start was lost')
    // Under the provider's key the call may be made again: the outbox does, for as long as a shopper may be waiting for a page.
    // After that it is over: nobody can pay on a page whose address never came.
    if (provider.isStartRepeatable && ageS(transaction, context.clock.now()) < patienceS) throw error
    if (provider.isStartRepeatable)
      return {
        transactionId: transaction.id,
        effect: 'rejected',
        effectRef: transaction.id,
        source: 'system',
        reason: 'provider_unavailable',
        nextCheckAt: null,
      }
    return lostAnswer(context, transaction.id)
  }
}

const notSent = (context: Context, transactionId: string): PaymentFact => ({
  transactionId,
  effect: 'attempt_failed',
  effectRef: `not-sent-${context.clock.now().toISOString()}`,
  source: 'system',
  reason: 'not_sent',
})

const lostAnswer = (context: Context, transactionId: string): PaymentFact => ({
  transactionId,
  effect: 'accept_unknown',
  effectRef: transactionId,
  source: 'system',
  nextAction: { kind: 'phone_prompt' },
  expiresAt: after(context.clock.now(), minutes(5)),
  nextCheckAt: after(context.clock.now(), minutes(5)),
})
