import type { ChargeState } from './transaction.states.ts'
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
  | 'refund_pending'
  | 'refund_manual'
  | 'refund_succeeded'
  | 'refund_failed'

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
  readonly sessionRef?: string
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
  readonly sessionRef: string | undefined
  readonly paymentRef: string | undefined
  readonly receipt: string | undefined
  readonly callbackToken: string
  readonly createdAt: Date
  readonly attemptedAt: Date | undefined
  readonly checks: number
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

/** What a stored webhook says about one transaction; `ignored` for a kind of message that changes nothing. */
export type WebhookReading = { readonly kind: 'fact'; readonly fact: PaymentFact } | { readonly kind: 'ignored'; readonly why: string }

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
}

/** One payment provider. Every method that calls the network has a time-out and never runs inside a database transaction. */
export interface PaymentProvider {
  readonly name: ProviderName
  /** Whether `start` may be repeated after a lost answer (the provider has an idempotency key). M-Pesa: no. */
  readonly isStartRepeatable: boolean
  /** Whether the provider can send money back by itself; where not, a refund is a task for a person. */
  readonly canRefund: boolean
  /** The largest charge it takes, in minor units of the charge's currency. */
  readonly mostMinor: bigint
  readonly timing: CheckTiming
  /** Asks the provider to begin. Answers the fact of what came back; throws only for a lost answer (unknown outcome). */
  start(transaction: TransactionRef): Promise<PaymentFact>
  /** Asks the provider what became of a transaction; `checked` when it is not decided. Throws when it cannot be reached. */
  ask(transaction: TransactionRef): Promise<PaymentFact>
  /**
   * Proves on the raw bytes where a message comes from and names it. Refuses with signature_invalid or malformed_json.
   * A provider that signs nothing only names it: the address it was sent to is the proof (`receive-webhook.ts`).
   */
  verifyWebhook(webhook: IncomingWebhook): Promise<VerifiedWebhook>
  /** Reads a stored message. Pure: where its word needs confirming it answers `success_claimed` and a check that is due at once. */
  readWebhook(body: Uint8Array, transaction: TransactionRef): WebhookReading
}

/** The providers that are switched on. A provider without keys is absent. */
export interface Providers {
  get(name: string): PaymentProvider | undefined
  /** Names in the order the checkout offers them. */
  readonly names: readonly ProviderName[]
}
