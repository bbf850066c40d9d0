import type { NextAction } from './transaction.table.ts'

/** Providers that can move money for us. */
export type ProviderName = 'stripe' | 'paystack' | 'mpesa' | 'paypal' | 'cod' | 'simulator'

/** A fact about a transaction, as the event-to-state table names it (design: payments.md section 9). */
export type Effect =
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
  /** The amount and currency the provider says it moved; required for `captured`. */
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
  readonly webhookEventId?: string
  /** Kept in the event row; never secrets, never a full phone number. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** What an adapter needs to know of a transaction to talk to its provider. */
export interface TransactionRef {
  readonly id: string
  readonly reference: string
  readonly orderNumber: string
  readonly amountMinor: bigint
  readonly providerAmountMinor: bigint
  readonly providerCurrency: string
  readonly phone: string | undefined
  readonly sessionRef: string | undefined
  readonly paymentRef: string | undefined
  readonly receipt: string | undefined
  readonly callbackToken: string
  readonly createdAt: Date
  readonly checks: number
}

/** A webhook that proved where it comes from, cut down to what the inbox stores. */
export interface VerifiedWebhook {
  readonly dedupeKey: string
  readonly eventType: string
  readonly providerRef: string | undefined
  readonly transactionId: string | undefined
}

/** One payment provider. Every method that calls the network has a time-out and never runs inside a database transaction. */
export interface PaymentProvider {
  readonly name: ProviderName
  /** Whether `start` may be repeated after a lost answer (the provider has an idempotency key). M-Pesa: no. */
  readonly isStartRepeatable: boolean
  /** Asks the provider to begin. Answers the fact of what came back; throws only for a lost answer (unknown outcome). */
  start(transaction: TransactionRef): Promise<PaymentFact>
  /** Asks the provider what became of a transaction. */
  ask(transaction: TransactionRef): Promise<PaymentFact>
}

/** The providers that are switched on. A provider without keys is absent. */
export interface Providers {
  get(name: string): PaymentProvider | undefined
  /** Names in the order the checkout offers them. */
  readonly names: readonly ProviderName[]
}
