/** A checkout session, as the simulator keeps it. */
export interface SimulatedSession {
  readonly id: string
  readonly createdS: number
  readonly expiresS: number
  readonly amount: number
  readonly currency: string
  readonly description: string
  readonly successUrl: string
  readonly cancelUrl: string
  readonly clientReferenceId: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly email: string | null
  readonly intent: SimulatedIntent
  status: 'open' | 'complete' | 'expired'
  paymentStatus: 'unpaid' | 'paid'
}

/** The payment behind a session. */
export interface SimulatedIntent {
  readonly id: string
  readonly chargeId: string
  readonly createdS: number
  readonly metadata: Readonly<Record<string, string>>
  amount: number
  currency: string
  status: 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled'
  declineCode: string | null
  refundedAmount: number
  /** What its card does to refunds. */
  card: TestCard | undefined
}

/** Money on its way back. */
export interface SimulatedRefund {
  readonly id: string
  readonly createdS: number
  readonly amount: number
  readonly currency: string
  readonly intentId: string
  readonly chargeId: string
  readonly reason: string | null
  readonly metadata: Readonly<Record<string, string>>
  status: 'pending' | 'succeeded' | 'failed' | 'canceled'
  failureReason: string | null
}

/** Money a bank has taken back. */
export interface SimulatedDispute {
  readonly id: string
  readonly createdS: number
  readonly amount: number
  readonly currency: string
  readonly intentId: string
  readonly chargeId: string
  status: 'warning_needs_response' | 'needs_response' | 'won' | 'lost' | 'warning_closed'
}

/** What a test card does (design: payments.md 2.6). */
export interface TestCard {
  readonly label: string
  readonly outcome: 'paid' | 'declined' | 'action' | 'action_declined'
  readonly declineCode?: string
  readonly refund?: 'pending' | 'fails_later'
  readonly isDisputed?: boolean
}

/** The published test cards, by number. */
export const testCards: Readonly<Record<string, TestCard>> = {
  '4242424242424242': { label: 'Pays', outcome: 'paid' },
  '5555555555554444': { label: 'Pays (Mastercard)', outcome: 'paid' },
  '4000000000000002': { label: 'Declined', outcome: 'declined', declineCode: 'generic_decline' },
  '4000000000009995': { label: 'Not enough money', outcome: 'declined', declineCode: 'insufficient_funds' },
  '4000000000000069': { label: 'Expired card', outcome: 'declined', declineCode: 'expired_card' },
  '4000000000000127': { label: 'Wrong CVC', outcome: 'declined', declineCode: 'incorrect_cvc' },
  '4000000000000119': { label: 'Processing error', outcome: 'declined', declineCode: 'processing_error' },
  '4000002500003155': { label: 'Asks the bank, then pays', outcome: 'action' },
  '4000008400001629': { label: 'Asks the bank, then declined', outcome: 'action_declined', declineCode: 'generic_decline' },
  '4100000000000019': { label: 'Blocked as fraud', outcome: 'declined', declineCode: 'fraudulent' },
  '4000000000000259': { label: 'Pays, disputed later', outcome: 'paid', isDisputed: true },
  '4000000000007726': { label: 'Pays, refunds take time', outcome: 'paid', refund: 'pending' },
  '4000000000005126': { label: 'Pays, refunds come back', outcome: 'paid', refund: 'fails_later' },
}

/** A session on the wire. */
export const sessionView = (session: SimulatedSession, pageUrl: string, isExpanded = false): object => ({
  id: session.id,
  object: 'checkout.session',
  mode: 'payment',
  status: session.status,
  payment_status: session.paymentStatus,
  amount_subtotal: session.amount,
  amount_total: session.status === 'complete' ? session.intent.amount : session.amount,
  currency: session.status === 'complete' ? session.intent.currency : session.currency,
  client_reference_id: session.clientReferenceId,
  payment_intent: session.status === 'complete' ? (isExpanded ? intentView(session.intent, true) : session.intent.id) : null,
  payment_method_types: ['card'],
  livemode: false,
  metadata: session.metadata,
  customer_email: session.email,
  created: session.createdS,
  expires_at: session.expiresS,
  success_url: session.successUrl,
  cancel_url: session.cancelUrl,
  url: session.status === 'open' ? `${pageUrl}/sandbox/stripe/pay/${session.id}` : null,
})

/** About three percent, as cards cost. */
const feeOf = (amount: number): number => Math.round((amount * 29) / 1_000)

/** A payment on the wire; expanded with its charge and what the charge cost. */
export const intentView = (intent: SimulatedIntent, isExpanded = false): object => ({
  id: intent.id,
  object: 'payment_intent',
  amount: intent.amount,
  amount_received: intent.status === 'succeeded' ? intent.amount : 0,
  currency: intent.currency,
  status: intent.status,
  created: intent.createdS,
  livemode: false,
  metadata: intent.metadata,
  last_payment_error:
    intent.declineCode === null
      ? null
      : { code: 'card_declined', decline_code: intent.declineCode, message: 'Your card was declined.', type: 'card_error' },
  latest_charge:
    intent.status !== 'succeeded'
      ? null
      : isExpanded
        ? {
            id: intent.chargeId,
            object: 'charge',
            amount: intent.amount,
            currency: intent.currency,
            balance_transaction: {
              id: `txn_${intent.chargeId.slice(3)}`,
              object: 'balance_transaction',
              amount: intent.amount,
              currency: intent.currency,
              fee: feeOf(intent.amount),
              net: intent.amount - feeOf(intent.amount),
              type: 'charge',
            },
          }
        : intent.chargeId,
})

/** A charge on the wire, with the running total of its refunds. */
export const chargeView = (intent: SimulatedIntent): object => ({
  id: intent.chargeId,
  object: 'charge',
  amount: intent.amount,
  amount_refunded: intent.refundedAmount,
  refunded: intent.refundedAmount >= intent.amount,
  currency: intent.currency,
  payment_intent: intent.id,
  livemode: false,
  metadata: intent.metadata,
})

/** A refund on the wire. */
export const refundView = (refund: SimulatedRefund): object => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amount,
  currency: refund.currency,
  charge: refund.chargeId,
  payment_intent: refund.intentId,
  created: refund.createdS,
  metadata: refund.metadata,
  reason: refund.reason,
  status: refund.status,
  ...(refund.failureReason === null ? {} : { failure_reason: refund.failureReason }),
})

/** A dispute on the wire. */
export const disputeView = (dispute: SimulatedDispute): object => ({
  id: dispute.id,
  object: 'dispute',
  amount: dispute.amount,
  currency: dispute.currency,
  charge: dispute.chargeId,
  payment_intent: dispute.intentId,
  created: dispute.createdS,
  evidence_details: { due_by: dispute.createdS + 7 * 86_400, has_evidence: false, past_due: false, submission_count: 0 },
  is_charge_refundable: false,
  livemode: false,
  metadata: {},
  reason: 'fraudulent',
  status: dispute.status,
})
