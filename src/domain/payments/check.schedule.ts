import { after, seconds } from '../../lib/time.ts'
import type { CheckTiming, RefundRef, TransactionRef } from './provider.port.ts'
import { isClaimed, isOpen } from './transaction.projection.ts'

const dayS = 86_400
const hourS = 3_600

/** How old the attempt of a charge is, in seconds. */
export const ageS = (transaction: Pick<TransactionRef, 'attemptedAt' | 'createdAt'>, now: Date): number =>
  (now.getTime() - (transaction.attemptedAt ?? transaction.createdAt).getTime()) / 1_000

/** Whether a claimed success has been asked about so often that a person has to look. */
export const isUnconfirmed = (timing: CheckTiming, transaction: Pick<TransactionRef, 'checks'>): boolean =>
  transaction.checks > timing.claimedGapsS.length + timing.laterTries

/**
 * When to ask the provider again, given that the check number `transaction.checks` has just come back without a decision.
 * Null: not again. Silent charges are asked about at fixed ages, claimed ones at growing gaps, and both half-hourly up to a day;
 * ended ones are looked back at half-hourly for as long as the provider may still bring a late success without a message.
 */
export function nextCheck(timing: CheckTiming, transaction: TransactionRef, now: Date): Date | null {
  const age = ageS(transaction, now)
  if (isClaimed({ state: transaction.state, stateReason: transaction.stateReason })) {
    const gap = timing.claimedGapsS[transaction.checks - 1] ?? (isUnconfirmed(timing, transaction) ? hourS / 2 : timing.laterGapS)
    // A claim that came late has had few questions: it is asked about until it is decided or has had them all.
    return age > dayS && isUnconfirmed(timing, transaction) ? null : after(now, seconds(gap))
  }
  if (transaction.state === 'review') return age > dayS ? null : after(now, seconds(hourS / 2))
  if (!isOpen(transaction.state)) return age > timing.lookBackS ? null : after(now, seconds(hourS / 2))
  const at = timing.silentAtS.find((point) => point > age + 1)
  if (at !== undefined) return after(now, seconds(at - age))
  return age > dayS ? null : after(now, seconds(age > hourS ? hourS / 2 : timing.laterGapS))
}

// Banks take days: what is not decided soon is asked about twice a day, and after two weeks a person has to look.
const refundAtS = [30, 120, 600, 1_800, hourS, 3 * hourS] as const

/** When to ask about a refund again; null when it is decided, or has been silent for two weeks. */
export function nextRefundCheck(refund: Pick<RefundRef, 'state' | 'attemptedAt' | 'createdAt'>, now: Date): Date | null {
  if (refund.state !== 'created' && refund.state !== 'pending') return null
  const age = ageS(refund, now)
  const at = refundAtS.find((point) => point > age + 1)
  if (at !== undefined) return after(now, seconds(at - age))
  return age > 14 * dayS ? null : after(now, seconds(dayS / 2))
}
