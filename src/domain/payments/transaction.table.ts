import { sql } from 'drizzle-orm'
import { type AnyPgColumn, char, check, index, integer, jsonb, numeric, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, currency, id, minor, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { orders } from '../orders/order.table.ts'
import { vendors } from '../vendors/vendor.table.ts'
import { webhookEvents } from './webhook-event.table.ts'

/** What the shopper has to do next: open an address, or look at their phone. */
export interface NextAction {
  readonly kind: 'redirect' | 'phone_prompt' | 'none'
  readonly url?: string
}

/**
 * The one table of money movements at every provider: charges, and refunds, payouts and disputes as rows of their own kind with a
 * parent. `state` and the counters are projections of transaction_events, written by apply-event.ts alone.
 */
export const transactions = pgTable(
  'transactions',
  {
    id: id(),
    kind: text().notNull(),
    provider: text().notNull(),
    method: text().notNull(),
    parentId: uuid().references((): AnyPgColumn => transactions.id, { onDelete: 'restrict' }),
    orderId: uuid().references(() => orders.id, { onDelete: 'restrict' }),
    vendorId: uuid().references(() => vendors.id, { onDelete: 'restrict' }),
    /** Ours, unique over everything, sent to the provider where it takes one. */
    reference: text().notNull().unique(),
    amountMinor: minor().notNull(),
    currency: currency(),
    /** What we ask the provider for; differs from the amount only where the provider takes no KES. */
    providerAmountMinor: minor().notNull(),
    providerCurrency: char({ length: 3 }).notNull().default('KES'),
    fxRate: numeric({ precision: 18, scale: 8 }),
    /** What the provider says it moved. Success without it, or with another value, is against the law below. */
    provenAmountMinor: minor(),
    provenCurrency: char({ length: 3 }),
    state: text().notNull().default('created'),
    stateReason: text(),
    /** Provider references: checkout session, CheckoutRequestID, PayPal order. */
    sessionRef: text(),
    /** Provider references: payment intent, MerchantRequestID, capture. */
    paymentRef: text(),
    /** What the customer sees as proof: M-Pesa receipt, charge id. */
    receipt: text(),
    callbackTokenHash: text(),
    phone: text(),
    nextAction: jsonb().$type<NextAction>(),
    capturedMinor: minor()
      .notNull()
      .default(sql`0`),
    refundedMinor: minor()
      .notNull()
      .default(sql`0`),
    refundPendingMinor: minor()
      .notNull()
      .default(sql`0`),
    disputedMinor: minor()
      .notNull()
      .default(sql`0`),
    feeMinor: minor()
      .notNull()
      .default(sql`0`),
    /** The charge that had already paid the order when this one's money arrived. */
    duplicateOf: uuid().references((): AnyPgColumn => transactions.id, { onDelete: 'restrict' }),
    /** When the provider call was begun. Set before the call: a call without an answer must not be made again blindly. */
    attemptedAt: moment(),
    expiresAt: moment(),
    succeededAt: moment(),
    lastCheckedAt: moment(),
    nextCheckAt: moment(),
    checks: integer().notNull().default(0),
    eventCount: integer().notNull().default(0),
    createdAt: createdAt(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('transactions_session_ref').on(table.provider, table.sessionRef),
    uniqueIndex('transactions_payment_ref').on(table.provider, table.paymentRef),
    uniqueIndex('transactions_receipt').on(table.provider, table.receipt),
    uniqueIndex('transactions_callback_token').on(table.callbackTokenHash),
    uniqueIndex('transactions_one_settling_charge')
      .on(table.orderId)
      .where(sql`${table.kind} = 'charge' and ${table.state} = 'succeeded'`),
    uniqueIndex('transactions_one_open_charge')
      .on(table.orderId, table.provider)
      .where(sql`${table.kind} = 'charge' and ${table.state} in ('created', 'pending')`),
    index('transactions_order').on(table.orderId, table.createdAt),
    index('transactions_parent').on(table.parentId),
    index('transactions_due_check')
      .on(table.nextCheckAt)
      .where(sql`${table.nextCheckAt} is not null`),
    check('transactions_kind', sql`${table.kind} in ('charge', 'refund', 'payout', 'dispute')`),
    check('transactions_provider', sql`${table.provider} in ('stripe', 'paystack', 'mpesa', 'paypal', 'cod', 'simulator', 'bank')`),
    // Our own bank only pays vendors; what it pays in is told by the providers.
    check('transactions_bank', sql`(${table.provider} = 'bank') <= (${table.kind} = 'payout')`),
    check(
      'transactions_payout',
      sql`(${table.kind} = 'payout') = (${table.vendorId} is not null) and (${table.kind} <> 'payout' or (${table.orderId} is null and ${table.state} in ('created', 'pending', 'succeeded', 'failed')))`,
    ),
    check(
      'transactions_state',
      sql`${table.state} in ('created', 'pending', 'processing', 'succeeded', 'failed', 'cancelled', 'expired', 'review', 'duplicate', 'manual', 'open', 'won', 'lost')`,
    ),
    check('transactions_amounts', sql`${table.amountMinor} > 0 and ${table.providerAmountMinor} > 0 and ${table.feeMinor} >= 0`),
    // What is disputed has no upper bound here: news of one dispute's end may come after that of the next one's beginning.
    check(
      'transactions_counters',
      sql`${table.capturedMinor} >= 0 and ${table.refundedMinor} >= 0 and ${table.refundPendingMinor} >= 0 and ${table.disputedMinor} >= 0 and ${table.refundedMinor} + ${table.refundPendingMinor} <= ${table.capturedMinor}`,
    ),
    check('transactions_parent_kind', sql`(${table.kind} in ('refund', 'dispute')) = (${table.parentId} is not null)`),
    // Money paid to the till by hand may name no order of ours; it waits for a person, who names one or returns it.
    check(
      'transactions_charge_order',
      sql`${table.kind} <> 'charge' or ${table.orderId} is not null or ${table.state} in ('review', 'failed')`,
    ),
    check('transactions_mpesa_shillings', sql`${table.provider} <> 'mpesa' or ${table.amountMinor} % 100 = 0`),
    check(
      'transactions_proven',
      sql`${table.kind} <> 'charge' or ${table.state} not in ('succeeded', 'duplicate') or (${table.provenAmountMinor} is not null and ${table.provenAmountMinor} = ${table.providerAmountMinor} and ${table.provenCurrency} = ${table.providerCurrency} and ${table.capturedMinor} = ${table.amountMinor})`,
    ),
    check('transactions_succeeded_at', sql`${table.state} <> 'succeeded' or ${table.succeededAt} is not null`),
  ],
)

/** The append-only truth about a transaction, from which its state and counters can be rebuilt and compared. */
export const transactionEvents = pgTable(
  'transaction_events',
  {
    id: id(),
    transactionId: uuid()
      .notNull()
      .references(() => transactions.id, { onDelete: 'restrict' }),
    seq: integer().notNull(),
    effect: text().notNull(),
    /** What makes the effect one: the provider's own id of the fact. The same fact by webhook and by poll is one row. */
    effectRef: text().notNull(),
    amountMinor: minor(),
    currency: char({ length: 3 }),
    fromState: text(),
    toState: text().notNull(),
    source: text().notNull(),
    webhookEventId: uuid().references(() => webhookEvents.id, { onDelete: 'restrict' }),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('transaction_events_effect').on(table.transactionId, table.effect, table.effectRef),
    uniqueIndex('transaction_events_seq').on(table.transactionId, table.seq),
    check('transaction_events_source', sql`${table.source} in ('api', 'webhook', 'poll', 'staff', 'system')`),
  ],
)

/**
 * Double-entry postings, written in the commit of the event that caused them. Debit is positive, credit negative; a deferred
 * trigger refuses a posting that does not sum to zero in each currency.
 */
export const ledgerEntries = pgTable(
  'ledger_entries',
  {
    id: id(),
    eventId: uuid()
      .notNull()
      .references(() => transactionEvents.id, { onDelete: 'restrict' }),
    transactionId: uuid()
      .notNull()
      .references(() => transactions.id, { onDelete: 'restrict' }),
    line: integer().notNull(),
    account: text().notNull(),
    vendorId: uuid().references(() => vendors.id, { onDelete: 'restrict' }),
    /** The rider whose cash it is. */
    holderId: uuid().references(() => accounts.id, { onDelete: 'restrict' }),
    orderId: uuid().references(() => orders.id, { onDelete: 'restrict' }),
    amountMinor: minor().notNull(),
    currency: currency(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('ledger_entries_line').on(table.eventId, table.line),
    index('ledger_entries_account').on(table.account, table.createdAt),
    index('ledger_entries_vendor').on(table.vendorId, table.account),
    index('ledger_entries_vendor_time')
      .on(table.vendorId, table.createdAt)
      .where(sql`${table.vendorId} is not null`),
    index('ledger_entries_order').on(table.orderId, table.account),
    index('ledger_entries_holder')
      .on(table.holderId)
      .where(sql`${table.holderId} is not null`),
    check('ledger_entries_holder_cash', sql`(${table.account} = 'cash_in_hand') = (${table.holderId} is not null)`),
    index('ledger_entries_transaction').on(table.transactionId),
    check('ledger_entries_amount', sql`${table.amountMinor} <> 0`),
    check(
      'ledger_entries_account_name',
      sql`${table.account} in ('provider_clearing', 'order_receivable', 'customer_to_return', 'suspense', 'payment_fees', 'refunds_payable', 'disputed_funds', 'chargeback_loss', 'bank', 'vendor_payable', 'commission_income', 'commission_vat', 'delivery_income', 'vat_payable', 'discount_given', 'rounding', 'cash_in_hand', 'payouts_payable')`,
    ),
  ],
)

/**
 * Where a provider's own list and ours differ, found by the nightly comparison. What is certain is settled and closed at once; the
 * rest waits for a person. A break is found once and keeps its row.
 */
export const reconciliationBreaks = pgTable(
  'reconciliation_breaks',
  {
    id: id(),
    provider: text().notNull(),
    kind: text().notNull(),
    /** The provider's id of the movement; ours for one the provider does not know. */
    providerRef: text().notNull(),
    transactionId: uuid().references(() => transactions.id, { onDelete: 'restrict' }),
    /** What the provider says, and what we hold; null where one side has nothing. */
    theirMinor: minor(),
    ourMinor: minor(),
    currency: currency(),
    occurredAt: moment().notNull(),
    seenAt: moment().notNull(),
    resolvedAt: moment(),
    resolution: text(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('reconciliation_breaks_one').on(table.provider, table.kind, table.providerRef),
    index('reconciliation_breaks_open')
      .on(table.seenAt)
      .where(sql`${table.resolvedAt} is null`),
    check('reconciliation_breaks_kind', sql`${table.kind} in ('missing_here', 'missing_there', 'amount_differs', 'state_differs')`),
    check('reconciliation_breaks_resolved', sql`(${table.resolvedAt} is null) = (${table.resolution} is null)`),
  ],
)
