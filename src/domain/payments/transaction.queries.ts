import { and, desc, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { maskPhone } from '../../lib/phone.ts'
import { orderLinkToken } from '../../lib/signature.ts'
import { after, seconds } from '../../lib/time.ts'
import type { Config } from '../../platform/config.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { orders } from '../orders/order.table.ts'
import { callbackToken } from './open-transaction.ts'
import type { RefundRef, TransactionRef } from './provider.port.ts'
import type { ChargeState, RefundState } from './transaction.states.ts'
import { transactions } from './transaction.table.ts'

/** A charge as people see it: the stored state, or what its refunds and disputes have made of it. */
export type ShownState = ChargeState | 'partially_refunded' | 'refunded' | 'disputed' | 'charged_back'

interface Counters {
  readonly state: string
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  readonly disputedMinor: bigint
  readonly isDisputeLost: boolean
}

/** Derives the shown state from the counters; nothing of it is stored (design: payments.md 8.2). */
export function shownState(row: Counters): ShownState {
  if (row.isDisputeLost) return 'charged_back'
  if (row.disputedMinor > 0n) return 'disputed'
  if (row.refundedMinor > 0n) return row.refundedMinor >= row.capturedMinor ? 'refunded' : 'partially_refunded'
  return row.state as ChargeState
}

/** A charge or refund for the API and the order page. Never the whole phone number. */
export interface TransactionView {
  readonly id: string
  readonly kind: string
  readonly provider: string
  readonly method: string
  readonly reference: string
  readonly orderId: string | null
  readonly parentId: string | null
  readonly state: ShownState | string
  readonly reason: string | null
  readonly amountMinor: bigint
  readonly currency: string
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  readonly refundPendingMinor: bigint
  readonly receipt: string | null
  readonly phoneMasked: string | null
  readonly createdAt: Date
  readonly succeededAt: Date | null
}

const isDisputeLost = sql<boolean>`exists (select 1 from transactions d where d.parent_id = ${transactions.id} and d.kind = 'dispute' and d.state = 'lost')`

const view = (row: typeof transactions.$inferSelect, disputeLost: boolean): TransactionView => ({
  id: row.id,
  kind: row.kind,
  provider: row.provider,
  method: row.method,
  reference: row.reference,
  orderId: row.orderId,
  parentId: row.parentId,
  state: row.kind === 'charge' ? shownState({ ...row, isDisputeLost: disputeLost }) : row.state,
  reason: row.stateReason,
  amountMinor: row.amountMinor,
  currency: row.currency,
  capturedMinor: row.capturedMinor,
  refundedMinor: row.refundedMinor,
  refundPendingMinor: row.refundPendingMinor,
  receipt: row.receipt,
  phoneMasked: row.phone === null ? null : maskPhone(row.phone),
  createdAt: row.createdAt,
  succeededAt: row.succeededAt,
})

/** Everything that moved money for an order, newest first. At most 100 rows; an order with more is a fault of its own. */
export async function transactionsOfOrder(db: DbOrTx, orderId: string): Promise<TransactionView[]> {
  const rows = await db
    .select({ row: transactions, disputeLost: isDisputeLost })
    .from(transactions)
    .where(eq(transactions.orderId, orderId))
    .orderBy(desc(transactions.createdAt), desc(transactions.id))
    .limit(100)
  return rows.map(({ row, disputeLost }) => view(row, disputeLost))
}

/** One transaction, for its owner or for staff. Somebody else's is simply not there. */
export async function findTransaction(
  db: DbOrTx,
  id: string,
  reader: { accountId: string; isStaff: boolean },
): Promise<TransactionView | undefined> {
  const [found] = await db
    .select({ row: transactions, disputeLost: isDisputeLost })
    .from(transactions)
    .leftJoin(orders, eq(orders.id, transactions.orderId))
    .where(and(eq(transactions.id, id), ...(reader.isStaff ? [] : [eq(orders.accountId, reader.accountId)])))
  return found === undefined ? undefined : view(found.row, found.disputeLost)
}

/** Where the paying of an order stands, in the words of the pay page. */
export interface PaymentStatus {
  readonly transactionId: string
  readonly provider: string
  readonly method: string
  readonly stage: 'sending' | 'prompted' | 'confirming' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'review'
  /** Why it failed or waits: `no_answer`, `wrong_pin`, `insufficient_funds`, ...; null when there is nothing to say. */
  readonly reason: string | null
  readonly receipt: string | null
  readonly amountMinor: bigint
  readonly currency: string
  /** When the provider call was begun; null while it waits to be made. */
  readonly promptedAt: Date | null
  /** When the shopper chose to pay. */
  readonly openedAt?: Date
  readonly expiresAt: Date | null
  readonly phoneMasked: string | null
  /** The provider's page on which the shopper pays; null where there is none, or nothing left to do on it. */
  readonly nextUrl: string | null
  /** What the provider asks for, where that is another currency than the order's. */
  readonly providerAmountMinor: bigint
  readonly providerCurrency: string
  /** From when a new attempt is welcome; null while this one is undecided or has paid. */
  readonly canRetryAt: Date | null
}

const stages: Record<ChargeState, PaymentStatus['stage']> = {
  created: 'sending',
  pending: 'prompted',
  processing: 'confirming',
  succeeded: 'paid',
  duplicate: 'paid',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
  review: 'review',
}

// How long to wait before another try has a chance (design: payments.md 4.3).
const retryAfterS: Readonly<Record<string, number>> = { busy: 30, subscriber_locked: 150 }

/** The charge that tells how paying an order stands: the one that paid it, else one in review, else the latest. Undefined before the first. */
export async function paymentStatusForOrder(db: DbOrTx, orderId: string): Promise<PaymentStatus | undefined> {
  const [row] = await db
    .select()
    .from(transactions)
    .where(and(eq(transactions.orderId, orderId), eq(transactions.kind, 'charge')))
    .orderBy(
      sql`case ${transactions.state} when 'succeeded' then 0 when 'review' then 1 else 2 end`,
      desc(transactions.createdAt),
      desc(transactions.id),
    )
    .limit(1)
  if (row === undefined) return undefined
  const stage = stages[row.state as ChargeState]
  return {
    transactionId: row.id,
    provider: row.provider,
    method: row.method,
    stage,
    reason: row.stateReason,
    receipt: row.receipt,
    amountMinor: row.amountMinor,
    currency: row.currency,
    promptedAt: row.attemptedAt,
    openedAt: row.createdAt,
    expiresAt: row.expiresAt,
    phoneMasked: row.phone === null ? null : maskPhone(row.phone),
    nextUrl: stage === 'prompted' && row.nextAction?.kind === 'redirect' ? (row.nextAction.url ?? null) : null,
    providerAmountMinor: row.providerAmountMinor,
    providerCurrency: row.providerCurrency,
    canRetryAt: ['failed', 'cancelled', 'expired'].includes(stage)
      ? after(row.updatedAt, seconds(retryAfterS[row.stateReason ?? ''] ?? 0))
      : null,
  }
}

/** What links and callback tokens are made of. */
export type LinkParts = Pick<Config, 'appSecret' | 'publicUrl'>

const refOf = (
  parts: LinkParts,
  row: typeof transactions.$inferSelect,
  order: { id: string; number: string; email: string | null },
): TransactionRef => ({
  id: row.id,
  reference: row.reference,
  orderNumber: order.number,
  state: row.state as ChargeState,
  stateReason: row.stateReason ?? undefined,
  amountMinor: row.amountMinor,
  providerAmountMinor: row.providerAmountMinor,
  providerCurrency: row.providerCurrency,
  phone: row.phone ?? undefined,
  email: order.email ?? undefined,
  returnUrl: `${parts.publicUrl}/pay/${orderLinkToken(parts.appSecret, order.id)}`,
  sessionRef: row.sessionRef ?? undefined,
  paymentRef: row.paymentRef ?? undefined,
  receipt: row.receipt ?? undefined,
  callbackToken: callbackToken(parts.appSecret, row.provider, row.id),
  createdAt: row.createdAt,
  attemptedAt: row.attemptedAt ?? undefined,
  checks: row.checks,
})

const orderColumns = { id: orders.id, number: orders.number, email: orders.contactEmail, state: orders.state }

/** What an adapter needs to know of a charge. Undefined when there is none with this id. */
export async function findTransactionRef(
  db: DbOrTx,
  parts: LinkParts,
  id: string,
): Promise<(TransactionRef & { provider: string; orderState: string }) | undefined> {
  const [found] = await db
    .select({ row: transactions, order: orderColumns })
    .from(transactions)
    .innerJoin(orders, eq(orders.id, transactions.orderId))
    .where(and(eq(transactions.id, id), eq(transactions.kind, 'charge')))
  if (found === undefined) return undefined
  return { ...refOf(parts, found.row, found.order), provider: found.row.provider, orderState: found.order.state }
}

/** What an adapter needs to know of a refund. Undefined when there is none with this id. */
export async function findRefundRef(db: DbOrTx, parts: LinkParts, id: string): Promise<(RefundRef & { provider: string }) | undefined> {
  const charges = alias(transactions, 'charges')
  const [found] = await db
    .select({ row: transactions, charge: charges, order: orderColumns })
    .from(transactions)
    .innerJoin(charges, eq(charges.id, transactions.parentId))
    .innerJoin(orders, eq(orders.id, charges.orderId))
    .where(and(eq(transactions.id, id), eq(transactions.kind, 'refund')))
  if (found === undefined) return undefined
  const { row, charge, order } = found
  return {
    id: row.id,
    provider: row.provider,
    reference: row.reference,
    state: row.state as RefundState,
    reason: row.stateReason ?? '',
    amountMinor: row.amountMinor,
    providerAmountMinor: row.providerAmountMinor,
    providerCurrency: row.providerCurrency,
    sessionRef: row.sessionRef ?? undefined,
    createdAt: row.createdAt,
    attemptedAt: row.attemptedAt ?? undefined,
    checks: row.checks,
    charge: refOf(parts, charge, order),
  }
}
