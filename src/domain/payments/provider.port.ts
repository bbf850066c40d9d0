import type { ChargeState, RefundState } from './transaction.states.ts'
import type { NextAction } from './transaction.table.ts'

/** Providers that can move money for us. */
export type ProviderName = 'stripe' | 'paystack' | 'mpesa' | 'paypal' | 'cod' | 'simulator'

/** A fact about a transaction, as the event-to-state table names it (design: payments.md section 9). */
export type Effect =
  | 'created'
  | 'start_attempted'
  | 'accepted'
  | 'accept_unknown'
  | 'rejected'
  | 'checked'
  | 'action_required'
  | 'processing'
  | 'success_claimed'
  | 'captured'
  | 'attempt_failed'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'integrity_failed'
  | 'contradiction'
  | 'refund_requested'
  | 'refund_confirmed'
  | 'refund_pending'
  | 'refund_manual'
  | 'refund_succeeded'
  | 'refund_failed'
  | 'inquiry_opened'
  | 'dispute_opened'
  | 'dispute_won'
  | 'dispute_lost'
  | 'parked'
  | 'cash_handed_in'
  | 'goods_returned'
  | 'payout_made'
  | 'payout_approved'
  | 'payout_sent'
  | 'payout_failed'

/** What a provider (or our own clock, or a member of staff) tells about one transaction. Applied once by (effect, effectRef). */
export interface PaymentFact {
  readonly transactionId: string
  readonly effect: Effect
  /** The provider's own id of the fact, so that the same fact by webhook and by poll is one. */
  readonly effectRef: string
  readonly source: 'api' | 'webhook' | 'poll' | 'staff' | 'system'
  /** The amount and currency the provider says it moved; required for `captured`, compared wherever it is given. */
  readonly provenAmountMinor?: bigint
  readonly provenCurrency?: string
  /** The provider's id of the thing itself: checkout session, CheckoutRequestID, PayPal order; of a refund or dispute, its own id. */
  readonly sessionRef?: string
  /** The provider's id of the money: payment intent, capture. */
  readonly paymentRef?: string
  readonly receipt?: string
  readonly feeMinor?: bigint
  readonly reason?: string
  readonly nextAction?: NextAction
  readonly expiresAt?: Date
  /** When to ask the provider next; null: no need to ask again. Absent: unchanged. */
  readonly nextCheckAt?: Date | null
  /** Which check this answers; its `nextCheckAt` counts only while no newer news has started the schedule afresh. */
  readonly checkNumber?: number
  readonly webhookEventId?: string
  /** Kept in the event row; never secrets, never a full phone number. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** What an adapter needs to know of a transaction to talk to its provider. */
export interface TransactionRef {
  readonly id: string
  readonly reference: string
  readonly orderNumber: string
  readonly state: ChargeState
  readonly stateReason: string | undefined
  readonly amountMinor: bigint
  readonly providerAmountMinor: bigint
  readonly providerCurrency: string
  readonly phone: string | undefined
  /** The shopper's, where the order names one. */
  readonly email: string | undefined
  /** Where a hosted page sends the shopper back to: the page that follows this order's payment. Coming back proves nothing. */
  readonly returnUrl: string
  readonly sessionRef: string | undefined
  readonly paymentRef: string | undefined
  readonly receipt: string | undefined
  readonly callbackToken: string
  readonly createdAt: Date
  readonly attemptedAt: Date | undefined
  readonly checks: number
}

/** What an adapter needs to know of a refund. Facts about it carry `id` as transactionId and the provider's refund id as sessionRef. */
export interface RefundRef {
  readonly id: string
  /** Ours, unique over everything. */
  readonly reference: string
  readonly state: RefundState
  /** Why money goes back: `duplicate`, `order_cancelled`, `return`, ... */
  readonly reason: string
  readonly amountMinor: bigint
  readonly providerAmountMinor: bigint
  readonly providerCurrency: string
  /** The provider's id of the refund, once known. */
  readonly sessionRef: string | undefined
  readonly createdAt: Date
  /** When the call was begun; undefined while nothing was sent. */
  readonly attemptedAt: Date | undefined
  readonly checks: number
  /** The charge the money goes back from. */
  readonly charge: TransactionRef
}

/** What a provider is asked for when an order costs `amountMinor` KES cents. */
export interface ProviderPrice {
  readonly amountMinor: bigint
  readonly currency: string
  /** KES for one unit of the currency, as decimal text; kept with the charge, and used again for its refunds. */
  readonly fxRate?: string
}

/** A webhook as it came in: the exact bytes and the headers, names in lower case. */
export interface IncomingWebhook {
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** A webhook that proved where it comes from, cut down to what the inbox stores. */
export interface VerifiedWebhook {
  readonly dedupeKey: string
  readonly eventType: string
  readonly providerRef: string | undefined
}

/**
 * How a message names a charge, in the order in which it is believed: the provider's ids that we stored (any of session, payment
 * and receipt), our own id carried in metadata, our reference. Two that name different charges are a contradiction for a person.
 */
export interface ChargeKeys {
  readonly providerRefs: readonly string[]
  readonly transactionId?: string | undefined
  readonly reference?: string | undefined
}

/** A fact before it is known whom it is about. */
export type News = Omit<PaymentFact, 'transactionId' | 'webhookEventId'>

/** What a stored webhook says: about a charge, about a refund or dispute of one, or nothing that counts. */
export type WebhookReading =
  | { readonly kind: 'charge'; readonly keys: ChargeKeys; readonly news: News }
  | RefundReading
  | DisputeReading
  | { readonly kind: 'ignored'; readonly why: string }

/** News of one refund. One we have never heard of (made at the provider's own desk) gets its row from this. */
export interface RefundReading {
  readonly kind: 'refund'
  /** The charge it belongs to. */
  readonly keys: ChargeKeys
  /**
   * The provider's refund id as `refund` answers it in sessionRef; unique over all its charges, refunds and disputes (plain numbers
   * get a prefix). Undefined where the message names none yet, or only by another kind of id.
   */
  readonly refundRef: string | undefined
  /** Our refund's id, where the provider carries it back. */
  readonly refundId?: string | undefined
  /** In the provider's currency. Undefined where the message names none: then only a refund we know can be meant. */
  readonly amountMinor: bigint | undefined
  readonly currency: string
  /** refund_pending, refund_succeeded, refund_failed or refund_manual. */
  readonly news: News
}

/** News of one dispute: a bank or the provider takes money back on the shopper's word, until it is decided. */
export interface DisputeReading {
  readonly kind: 'dispute'
  readonly keys: ChargeKeys
  /** The provider's dispute id; unique over all its charges, refunds and disputes (plain numbers get a prefix). */
  readonly disputeRef: string
  /** In the provider's currency. */
  readonly amountMinor: bigint
  readonly currency: string
  /** `inquiry` takes no money and is only a task for a person. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost'
  readonly reason: string | undefined
  /** Until when the shop may answer. */
  readonly dueAt: Date | undefined
  /** inquiry_opened, dispute_opened, dispute_won or dispute_lost. */
  readonly news: News
}

/** One movement in a provider's own list, for the nightly comparison. */
export interface ListedMovement {
  readonly kind: 'charge' | 'refund'
  /** The id we store for it: of a charge its paymentRef or sessionRef, of a refund its sessionRef. */
  readonly providerRef: string
  /** In the provider's currency. */
  readonly amountMinor: bigint
  readonly currency: string
  readonly status: 'succeeded' | 'pending' | 'failed'
  readonly occurredAt: Date
  /** Our transaction id or reference, where the provider carries it. */
  readonly ourReference?: string | undefined
}

/** When to ask a provider about a charge that is not decided (design: payments.md 8.4). All in seconds. */
export interface CheckTiming {
  /** Ages of the attempt at which a silent charge is asked about. */
  readonly silentAtS: readonly number[]
  /** Age at which a silent charge expires, after asking. */
  readonly expireAfterS: number
  /** Until this age a "no" by poll does not count yet: the customer may still be typing, and queries have been seen to say no too soon. */
  readonly doubtNoUntilS: number
  /** Gaps between the questions about a claimed success. */
  readonly claimedGapsS: readonly number[]
  /** Gap after those, and how many of them before a person has to look. */
  readonly laterGapS: number
  readonly laterTries: number
  /** Until this age a charge that ended without money is looked back at, because a late success may come without a message. */
  readonly lookBackS: number
}

/** One payment provider. Every method that calls the network has a time-out and never runs inside a database transaction. */
export interface PaymentProvider {
  readonly name: ProviderName
  /** Whether `start` may be repeated after a lost answer (the provider has an idempotency key). M-Pesa: no. */
  readonly isStartRepeatable: boolean
  /** Whether the provider can send money back by itself; where not, a refund is a task for a person. */
  readonly canRefund: boolean
  /** Whether `refund` may be repeated after a lost answer. Where not, `askRefund` must first say `absent`. */
  readonly isRefundRepeatable: boolean
  /** What may be charged at once, in KES cents. */
  readonly limits: { readonly leastMinor: bigint; readonly mostMinor: bigint; readonly isWholeShillings: boolean }
  readonly timing: CheckTiming
  /** What the provider is asked for; the amount itself unless it takes no KES. Pure. */
  price(amountMinor: bigint): ProviderPrice
  /** Asks the provider to begin. Answers the fact of what came back; throws OutgoingError only for a lost answer (unknown outcome). */
  start(transaction: TransactionRef): Promise<PaymentFact>
  /**
   * Asks the provider what became of a transaction; `checked` when it is not decided. May also take the last step of a payment the
   * shopper approved (PayPal: the capture, under a key). Throws OutgoingError when it cannot be reached.
   */
  ask(transaction: TransactionRef): Promise<PaymentFact>
  /**
   * Sends money back. Answers refund_pending (with `nextCheckAt` where no message will come), refund_succeeded, refund_failed for a
   * definite no, or refund_manual where a person has to act. Throws OutgoingError for a lost answer.
   */
  refund(refund: RefundRef): Promise<PaymentFact>
  /** What became of a refund; `absent` when the provider has never heard of it. Throws OutgoingError when it cannot be reached. */
  askRefund(refund: RefundRef): Promise<PaymentFact | 'absent'>
  /**
   * Proves on the raw bytes where a message comes from and names it. Refuses with signature_invalid or malformed_json.
   * A provider that signs nothing only names it: the address it was sent to is the proof (`receive-webhook.ts`).
   */
  verifyWebhook(webhook: IncomingWebhook): Promise<VerifiedWebhook>
  /** Reads a stored message. Pure: where its word needs confirming it answers `success_claimed` and a check that is due at once. */
  readWebhook(body: Uint8Array): WebhookReading
  /** What the provider itself says it moved in a stretch of time, oldest or newest first. Absent where it has no list for us. */
  readonly listSince?: (from: Date, to: Date) => AsyncIterable<ListedMovement>
}

/** The providers that are switched on. A provider without keys is absent. */
export interface Providers {
  get(name: string): PaymentProvider | undefined
  /** Names in the order the checkout offers them. */
  readonly names: readonly ProviderName[]
}
