import type { Effect, PaymentFact } from './provider.port.ts'
import {
  chargeStates,
  type ChargeState,
  disputeStates,
  type DisputeState,
  payoutStates,
  type PayoutState,
  refundStates,
  type RefundState,
} from './transaction.states.ts'

/** What a transaction is about, and what its events have made of it so far. */
export interface Projection {
  readonly kind: string
  readonly amountMinor: bigint
  readonly state: string
  readonly stateReason: string | null
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  readonly refundPendingMinor: bigint
  readonly disputedMinor: bigint
}

/** What an event row holds that counts: everything else in it is for people. */
export interface ProjectedEvent {
  readonly effect: Effect
  readonly source: PaymentFact['source']
  readonly amountMinor: bigint | null
  readonly reason: string | undefined
  /** Another charge had already paid the order when this money was proven. */
  readonly isDuplicate: boolean
  /**
   * For refund effects on the charge: what the refund was before; `returned` when it had succeeded and come back to us, `overtaken`
   * when its success is told after its failure.
   */
  readonly refundFrom: string | undefined
  /** For dispute effects on the charge: the state the dispute was in before; `none` for its first news. */
  readonly disputeFrom: string | undefined
}

const withMoney: ReadonlySet<string> = new Set(['succeeded', 'duplicate'])
const open: ReadonlySet<string> = new Set(['created', 'pending', 'processing'])

// Reasons of a review that better proof from the provider lifts by itself. The others need a person: the amount, the receipt or
// the ids did not fit, and a status query that carries none of them proves nothing about that.
const liftedByProof: ReadonlySet<string | null> = new Set(['contradiction', 'unconfirmed'])

/** Whether money has been proven for a charge in this state. */
export const holdsMoney = (state: string): boolean => withMoney.has(state)

/** Whether the customer may still act on a charge in this state, or its word is being confirmed. */
export const isOpen = (state: string): boolean => open.has(state)

/** Whether a success was claimed and waits for the provider to confirm it; a failure then no longer counts by itself. */
export const isClaimed = (row: { readonly state: string; readonly stateReason: string | null | undefined }): boolean =>
  row.state === 'processing' && row.stateReason === 'success_claimed'

/**
 * One event applied to a projection: the pure rule behind apply-event.ts, and behind the rebuild that checks it
 * (design: payments.md 8.2 and 9). Proof of money beats failed, cancelled and expired; nothing moves a charge that holds money.
 */
export function projectEvent(before: Projection, event: ProjectedEvent): Projection {
  if (before.kind === 'refund') return projectRefund(before, event)
  if (before.kind === 'dispute') return projectDispute(before, event)
  if (before.kind === 'payout') return projectPayout(before, event)
  const counted = countMoney(before, event)
  const state = nextChargeState(before, event)
  if (state === before.state) return counted
  if (!chargeStates.can(before.state as ChargeState, state)) throw new Error(`a charge may not move from ${before.state} to ${state}`)
  return {
    ...counted,
    state,
    stateReason: event.effect === 'success_claimed' ? 'success_claimed' : holdsMoney(state) ? null : (event.reason ?? null),
  }
}

function nextChargeState(before: Projection, { effect, source, isDuplicate }: ProjectedEvent): ChargeState {
  const state = before.state as ChargeState
  const canFail = open.has(state) && !isClaimed(before)
  switch (effect) {
    case 'accepted':
    case 'accept_unknown':
    case 'action_required':
      return state === 'created' ? 'pending' : state
    case 'processing':
      return state === 'created' || state === 'pending' ? 'processing' : state
    case 'success_claimed':
      return withMoney.has(state) || state === 'review' ? state : 'processing'
    case 'captured':
      if (withMoney.has(state)) return state
      if (state === 'review' && source !== 'staff' && !liftedByProof.has(before.stateReason)) return state
      return isDuplicate ? 'duplicate' : 'succeeded'
    case 'rejected':
    case 'failed':
      return canFail || (state === 'review' && source === 'staff') ? 'failed' : state
    case 'cancelled':
    case 'expired':
      return canFail ? effect : state
    case 'integrity_failed':
    case 'contradiction':
      return withMoney.has(state) ? state : 'review'
    case 'parked':
      return state === 'created' ? 'review' : state
    case 'created':
    case 'start_attempted':
    case 'checked':
    case 'attempt_failed':
    case 'refund_requested':
    case 'refund_confirmed':
    case 'refund_pending':
    case 'refund_manual':
    case 'refund_succeeded':
    case 'refund_failed':
    case 'inquiry_opened':
    case 'dispute_opened':
    case 'dispute_won':
    case 'dispute_lost':
    case 'cash_handed_in':
    case 'goods_returned':
    case 'payout_made':
    case 'payout_approved':
    case 'payout_sent':
    case 'payout_failed':
      return state
    default:
      return effect satisfies never
  }
}

function countMoney(before: Projection, event: ProjectedEvent): Projection {
  const amount = event.amountMinor ?? 0n
  // A refund that had failed was already taken off the pending sum.
  const pendingPart = event.refundFrom === 'failed' || event.refundFrom === 'returned' ? 0n : amount
  switch (event.effect) {
    case 'captured':
      return holdsMoney(nextChargeState(before, event)) ? { ...before, capturedMinor: before.amountMinor } : before
    case 'refund_requested':
      return { ...before, refundPendingMinor: before.refundPendingMinor + amount }
    case 'refund_succeeded':
      return event.refundFrom === 'overtaken'
        ? before
        : { ...before, refundedMinor: before.refundedMinor + amount, refundPendingMinor: before.refundPendingMinor - pendingPart }
    case 'refund_failed':
      return event.refundFrom === 'succeeded'
        ? { ...before, refundedMinor: before.refundedMinor - amount }
        : { ...before, refundPendingMinor: before.refundPendingMinor - pendingPart }
    case 'dispute_opened':
    case 'dispute_lost':
      return isHeld(event.disputeFrom) ? before : { ...before, disputedMinor: before.disputedMinor + amount }
    case 'dispute_won':
      return isHeld(event.disputeFrom) ? { ...before, disputedMinor: before.disputedMinor - amount } : before
    default:
      return before
  }
}

/** Whether the money of a dispute in this state is not with us. */
const isHeld = (dispute: string | undefined): boolean => dispute === 'open' || dispute === 'lost'

const refundStateOf: Partial<Record<Effect, RefundState>> = {
  refund_pending: 'pending',
  refund_manual: 'manual',
  refund_succeeded: 'succeeded',
  refund_failed: 'failed',
}

/**
 * A provider's own news of one refund can come in any order, and its failure is its last word: an older "pending" or "succeeded"
 * that arrives later changes nothing. Only a person (or the new attempt a person orders) lifts a failed refund.
 */
function projectRefund(before: Projection, event: ProjectedEvent): Projection {
  const state = event.effect === 'refund_requested' && before.state === 'failed' ? 'pending' : refundStateOf[event.effect]
  if (state === undefined || state === before.state || !refundStates.can(before.state as RefundState, state)) return before
  if (before.state === 'failed' && event.source !== 'staff') return before
  return { ...before, state, stateReason: event.reason ?? before.stateReason }
}

const disputeStateOf: Partial<Record<Effect, DisputeState>> = { dispute_won: 'won', dispute_lost: 'lost' }

/** A decided dispute is not opened again, and one that was won on appeal is not lost by older news; a person may still say so. */
function projectDispute(before: Projection, event: ProjectedEvent): Projection {
  const state = disputeStateOf[event.effect]
  if (state === undefined || state === before.state || !disputeStates.can(before.state as DisputeState, state)) return before
  if (before.state === 'won' && event.source !== 'staff') return before
  return { ...before, state, stateReason: event.reason ?? before.stateReason }
}

const payoutStateOf: Partial<Record<Effect, PayoutState>> = {
  payout_approved: 'pending',
  payout_sent: 'succeeded',
  payout_failed: 'failed',
}

/** A payout that failed gave its money back to the vendor's balance; it is paid by another one. */
function projectPayout(before: Projection, event: ProjectedEvent): Projection {
  const state = payoutStateOf[event.effect]
  if (state === undefined || state === before.state || before.state === 'failed') return before
  if (!payoutStates.can(before.state as PayoutState, state)) return before
  return { ...before, state, stateReason: event.reason ?? before.stateReason }
}
