import { states } from '../../lib/states.ts'

/** States of a charge. partially_refunded, refunded, disputed and charged_back are derived from the counters, never stored. */
export type ChargeState = 'created' | 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'review' | 'duplicate'

const beforeMoney = ['succeeded', 'duplicate', 'review'] as const

/**
 * Charges. Proof of money beats an earlier failure: failed, cancelled and expired mean "no money so far" and may still become
 * succeeded (design: payments.md 8.2). Nothing leaves succeeded: later bad news is a row of its own (refund, dispute).
 */
export const chargeStates = states<ChargeState>('created', {
  created: ['pending', 'processing', 'failed', 'cancelled', 'expired', ...beforeMoney],
  pending: ['processing', 'failed', 'cancelled', 'expired', ...beforeMoney],
  processing: ['pending', 'failed', 'cancelled', 'expired', ...beforeMoney],
  failed: ['processing', ...beforeMoney],
  cancelled: ['processing', ...beforeMoney],
  expired: ['processing', ...beforeMoney],
  review: ['succeeded', 'duplicate', 'failed'],
  succeeded: [],
  duplicate: [],
})

/** States of a refund. `manual` waits for a person, where the provider cannot refund by itself. */
export type RefundState = 'created' | 'pending' | 'manual' | 'succeeded' | 'failed'

/** Refunds. A refund can fail after it succeeded: the money came back to us and the customer has nothing (Stripe does this). */
export const refundStates = states<RefundState>('created', {
  created: ['pending', 'manual', 'succeeded', 'failed'],
  pending: ['manual', 'succeeded', 'failed'],
  manual: ['pending', 'succeeded', 'failed'],
  succeeded: ['failed'],
  failed: ['pending', 'manual', 'succeeded'],
})

/** States of a dispute, as the provider decides it. */
export type DisputeState = 'open' | 'won' | 'lost'

/** Disputes. A lost one can be won on appeal. */
export const disputeStates = states<DisputeState>('open', { open: ['won', 'lost'], won: ['lost'], lost: ['won'] })

/** States of a payout to a vendor. */
export type PayoutState = 'created' | 'pending' | 'succeeded' | 'failed'

/** Payouts. */
export const payoutStates = states<PayoutState>('created', {
  created: ['pending', 'succeeded', 'failed'],
  pending: ['succeeded', 'failed'],
  succeeded: [],
  failed: ['pending'],
})
