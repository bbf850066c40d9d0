import type { Context } from '../../context.ts'
import { OutgoingError } from '../../platform/outgoing.ts'
import { ageS, isUnconfirmed, nextCheck } from '../../domain/payments/check.schedule.ts'
import { postponeCheck } from '../../domain/payments/claim-checks.ts'
import type { PaymentFact, PaymentProvider, TransactionRef } from '../../domain/payments/provider.port.ts'
import { holdsMoney, isClaimed, isOpen } from '../../domain/payments/transaction.projection.ts'
import { findTransactionRef } from '../../domain/payments/transaction.queries.ts'
import { settlePayment, type SettleOutcome } from './settle-payment.ts'

/**
 * Asks the provider what became of a charge that is not decided, and settles what it says. The answer is weighed first: a success
 * counts at once; a "no" counts only when the prompt is surely over, and against a claimed success it is a contradiction for a
 * person; silence beyond the provider's window expires the charge, softly and only now that it has been asked
 * (design: payments.md 4.3 to 4.5, 8.4). A provider that cannot be reached changes nothing but the time of the next question.
 */
export async function askProvider(context: Context, transactionId: string): Promise<SettleOutcome | 'asked'> {
  const transaction = await findTransactionRef(context.payDb, context.config, transactionId)
  if (transaction === undefined) return 'asked'
  const provider = context.providers.get(transaction.provider)
  const fact =
    provider === undefined || holdsMoney(transaction.state)
      ? undefined
      : weigh(provider, transaction, await answer(context, provider, transaction), context.clock.now())
  if (fact !== undefined) {
    const outcome = await settlePayment(context, fact)
    // The same word again is no event and moves no schedule; without this the question would come back with every lease.
    if ((outcome === 'repeated' || outcome === 'ignored') && provider !== undefined)
      await postponeCheck(context.payDb, transaction, nextCheck(provider.timing, transaction, context.clock.now()))
    return outcome
  }
  await postponeCheck(
    context.payDb,
    transaction,
    provider === undefined || holdsMoney(transaction.state) ? null : nextCheck(provider.timing, transaction, context.clock.now()),
  )
  return 'asked'
}

type Answer = PaymentFact | 'unreachable' | 'never_sent'

async function answer(context: Context, provider: PaymentProvider, transaction: TransactionRef): Promise<Answer> {
  // Opened, but the staged call was given up before it was begun: there is nothing at the provider to ask about.
  if (transaction.state === 'created' && transaction.attemptedAt === undefined) return 'never_sent'
  try {
    return await provider.ask(transaction)
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    context.log.warn({ error, transactionId: transaction.id, provider: provider.name }, 'the provider could not be asked')
    return 'unreachable'
  }
}

/** What the answer comes to, as a fact to settle; undefined when it changes nothing. Pure. */
export function weigh(provider: PaymentProvider, transaction: TransactionRef, answer: Answer, now: Date): PaymentFact | undefined {
  const { timing } = provider
  const later = { nextCheckAt: nextCheck(timing, transaction, now), checkNumber: transaction.checks }
  const ours = { transactionId: transaction.id, source: 'system', effectRef: transaction.id } as const
  if (answer === 'never_sent') return { ...ours, effect: 'failed', reason: 'never_sent', nextCheckAt: null }

  const isClaim = isClaimed({ state: transaction.state, stateReason: transaction.stateReason })
  if (answer !== 'unreachable' && answer.effect === 'captured') return answer
  if (isClaim && answer !== 'unreachable' && answer.effect !== 'checked') {
    return {
      ...ours,
      ...later,
      effect: 'contradiction',
      effectRef: `${transaction.id}:denied`,
      source: 'poll',
      reason: 'contradiction',
      data: { ...answer.data, denied: answer.effect },
    }
  }
  if (isClaim && isUnconfirmed(timing, transaction))
    return { ...ours, ...later, effect: 'contradiction', effectRef: `${transaction.id}:unconfirmed`, reason: 'unconfirmed' }
  if (answer === 'unreachable' || !isOpen(transaction.state)) return undefined
  if (answer.effect === 'checked') {
    if (isClaim || ageS(transaction, now) < timing.expireAfterS) return { ...answer, ...later }
    return { ...ours, effect: 'expired', effectRef: `${transaction.id}:window`, reason: 'no_answer', ...later }
  }
  if (ageS(transaction, now) < timing.doubtNoUntilS)
    return { ...answer, ...later, effect: 'checked', effectRef: `doubted-${now.toISOString()}`, reason: 'too_soon_for_no' }
  return { ...answer, ...later }
}
