import { and, eq, ne } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { type Stamp, systemStamp } from '../../lib/stamp.ts'
import { after, hours } from '../../lib/time.ts'
import { tellIntegrators } from '../../domain/integrators/tell-integrators.ts'
import { consumeHolds } from '../../domain/catalog/consume-holds.ts'
import { retakeStock } from '../../domain/catalog/retake-stock.ts'
import { extendExpiry } from '../../domain/orders/extend-expiry.ts'
import { markPaid } from '../../domain/orders/mark-paid.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { orders } from '../../domain/orders/order.table.ts'
import { type AppliedEvent, type AppliedOutcome, applyEvent, type LockedTransaction } from '../../domain/payments/apply-event.ts'
import { noteContradiction } from '../../domain/payments/note-break.ts'
import { orderMessage } from '../../domain/notifications/order-message.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { PaymentFact } from '../../domain/payments/provider.port.ts'
import { recogniseSale } from '../../domain/payments/recognise-sale.ts'
import { redeemPromo } from '../../domain/promotions/redeem-promo.ts'
import { releasePromo } from '../../domain/promotions/release-promo.ts'
import { stageRefund } from '../../domain/payments/stage-refund.ts'
import { settleRefund } from '../../domain/payments/settle-refund.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import { finishWebhook, lockWebhook } from '../../domain/payments/webhook-event.queue.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue } from '../../platform/outbox.ts'
import { closeCashCharge } from './cash.charge.ts'

/** What settling came to: the outcome of the fact, or `surplus` when money came for an order that cannot be served any more. */
export type SettleOutcome = AppliedOutcome | 'surplus'

type LockedOrder = typeof orders.$inferSelect

/**
 * Applies one payment fact with everything that follows from it, in one transaction: the charge, the order, the goods, the ledger,
 * a refund where money is owed back, the messages to send, and the inbox row that brought the fact. All of it commits or none.
 * Locks the inbox row, then the order, then the transaction, in that order everywhere. Safe to call any number of times with the
 * same fact, from a webhook, a poll and a retry at once. `by` is the member of staff who decided, for facts of source `staff`;
 * their decision stands in the audit log by the same commit.
 * Throws Error for an unknown transaction.
 */
export async function settlePayment(context: Context, fact: PaymentFact, by?: Actor): Promise<SettleOutcome> {
  const stamp: Stamp =
    by === undefined ? systemStamp(`payments.${fact.source}`, context) : { now: context.clock.now(), ids: context.ids, actor: by }
  const outcome = await withRetry(async () => await context.payDb.transaction(async (tx) => await settle(context, tx, stamp, fact)))
  context.outbox.wake()
  return outcome
}

async function settle(context: Context, tx: Tx, stamp: Stamp, fact: PaymentFact): Promise<SettleOutcome> {
  if (fact.webhookEventId !== undefined && !(await lockWebhook(tx, fact.webhookEventId))) return 'repeated'
  const [about] = await tx
    .select({ orderId: transactions.orderId, parentId: transactions.parentId })
    .from(transactions)
    .where(eq(transactions.id, fact.transactionId))
  const [order] = about?.orderId == null ? [] : await tx.select().from(orders).where(eq(orders.id, about.orderId)).for('update')
  if (about === undefined || order === undefined) throw new Error(`there is no order for transaction ${fact.transactionId}`)
  const charge = about.parentId === null ? undefined : await lockTransaction(tx, about.parentId)
  const row = await lockTransaction(tx, fact.transactionId)

  const applied =
    charge === undefined
      ? await applyEvent(tx, stamp, row, fact, {
          paidByAnother: await paidByAnother(tx, row, order.id),
          isOwedBack: row.amountMinor < order.totalMinor,
        })
      : await settleRefund(tx, stamp, charge, row, fact)
  if (applied.outcome === 'contradicted') await noteContradiction(tx, stamp, applied.row, fact)
  const outcome = await follow(context, tx, stamp, order, applied)
  if (stamp.actor.kind === 'person' && applied.eventId !== undefined)
    await audit(tx, stamp, {
      action: `payment.${fact.effect}`,
      target: row.id,
      data: { from: applied.fromState, to: applied.row.state, outcome, reason: fact.reason, receipt: fact.receipt, ...fact.data },
    })
  if (fact.webhookEventId !== undefined)
    await finishWebhook(tx, stamp, fact.webhookEventId, applied.eventId === undefined && outcome === 'ignored' ? 'ignored' : 'processed')
  note(context, fact, order, applied, outcome)
  return outcome
}

async function paidByAnother(tx: Tx, row: LockedTransaction, orderId: string): Promise<string | undefined> {
  const [other] = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(
      and(
        eq(transactions.orderId, orderId),
        eq(transactions.kind, 'charge'),
        eq(transactions.state, 'succeeded'),
        ne(transactions.id, row.id),
      ),
    )
  return other?.id
}

/** What a change of the transaction means for everything else. */
async function follow(context: Context, tx: Tx, stamp: Stamp, order: LockedOrder, applied: AppliedEvent): Promise<SettleOutcome> {
  const { outcome, row, eventId } = applied
  // No event row: nothing new was learnt, so nothing follows.
  if (eventId === undefined) return outcome
  const hasMoved = applied.fromState !== row.state
  if (hasMoved) await enqueue(tx, stamp, { topic: 'live.order', payload: { orderId: order.id }, dedupeKey: `live.order:${eventId}` })
  if (outcome === 'refunded')
    await enqueue(tx, stamp, { topic: 'credit_note.issue', payload: { refundId: row.id }, dedupeKey: `credit_note.issue:${row.id}` })
  if (outcome === 'refunded' && hasMoved)
    await tellIntegrators(tx, stamp, { type: 'order.refunded', orderId: order.id, data: { orderNumber: order.number, state: order.state } })
  // A refund moves neither order nor goods.
  if (outcome === 'refunded' && hasMoved) await enqueue(tx, stamp, orderMessage('refunded', order.id, row.id))
  if (row.kind !== 'charge') return outcome
  switch (outcome) {
    case 'paid':
      return await sell(context, tx, stamp, order, row, eventId)
    case 'duplicate':
      await giveBack(context, tx, stamp, row, 'duplicate')
      return outcome
    case 'review':
      await extendExpiry(tx, order.id, after(stamp.now, hours(24)))
      return outcome
    case 'pending':
    case 'processing':
      await extendExpiry(tx, order.id, after(stamp.now, context.config.limits.paymentHoldMs))
      return outcome
    // A request the shopper called off needs no message about it.
    case 'failed':
    case 'expired':
      if (hasMoved && order.state === 'awaiting_payment') await enqueue(tx, stamp, orderMessage('payment_failed', order.id, row.id))
      return outcome
    default:
      return outcome
  }
}

/** Money for this order is proven: hand over the goods that were set aside, or owe the money back when they cannot be had. */
async function sell(
  context: Context,
  tx: Tx,
  stamp: Stamp,
  order: LockedOrder,
  charge: LockedTransaction,
  eventId: string,
): Promise<SettleOutcome> {
  const why = await whyNotSold(tx, stamp, order)
  if (why !== undefined) {
    await giveBack(context, tx, stamp, charge, why)
    return 'surplus'
  }
  if (isUnderway(order)) await markPaid(tx, stamp, order, `paid at the door, ${charge.reference}`)
  else await moveOrder(tx, stamp, order, 'paid', `payment ${charge.reference}`)
  // Paid otherwise, an order waits for no cash any more.
  await closeCashCharge(tx, stamp, order.id, 'paid_otherwise')
  await recogniseSale(tx, stamp, { eventId, transactionId: charge.id, orderId: order.id })
  // Typed by hand, an amount can be too much.
  if (charge.capturedMinor > order.totalMinor)
    await giveBack(context, tx, stamp, charge, 'surplus', charge.capturedMinor - order.totalMinor)
  await enqueue(tx, stamp, {
    topic: 'order.paid',
    payload: { orderId: order.id, transactionId: charge.id },
    dedupeKey: `order.paid:${order.id}`,
  })
  await enqueue(tx, stamp, { topic: 'invoice.issue', payload: { orderId: order.id }, dedupeKey: `invoice.issue:${order.id}` })
  return 'paid'
}

/** Whether an order is on its way to be paid at the door; its goods left the shelf when it was packed. */
const isUnderway = (order: LockedOrder): boolean =>
  order.paymentMethod === 'cod' && order.paidAt === null && (order.state === 'packed' || order.state === 'on_the_road')

async function whyNotSold(tx: Tx, stamp: Stamp, order: LockedOrder): Promise<string | undefined> {
  if (isUnderway(order)) return undefined
  if (order.state !== 'awaiting_payment' && order.state !== 'expired') return order.state === 'cancelled' ? 'order_cancelled' : 'order_paid'
  if (order.state === 'awaiting_payment' && (await consumeHolds(tx, stamp, order.id)) > 0) return undefined
  // The order gave its use of a code back when it expired; a code used up since then is not overrun for late money.
  if (order.state === 'expired' && !(await recountPromo(tx, stamp, order))) return 'promo_gone'
  // The holds are gone, but the goods may still lie there.
  if (!(await retakeStock(tx, stamp, order.id))) {
    if (order.state === 'expired') await releasePromo(tx, stamp, order.id)
    return 'goods_gone'
  }
  await consumeHolds(tx, stamp, order.id)
  return undefined
}

/** Counts an expired order for its code again, as of the day it was placed. True when it does, or has no code. */
async function recountPromo(tx: Tx, stamp: Stamp, order: LockedOrder): Promise<boolean> {
  const code = order.promoCode
  if (code === null) return true
  try {
    // A savepoint: the refusal comes from the database.
    await tx.transaction(
      async (savepoint) =>
        await redeemPromo(
          savepoint,
          { ...stamp, now: order.createdAt },
          { code, orderId: order.id, phone: order.contactPhone, accountId: order.accountId, discountMinor: order.discountMinor },
        ),
    )
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** Owes a charge back, the whole of it unless told otherwise: once, in this commit, and tells the shopper. */
async function giveBack(
  context: Context,
  tx: Tx,
  stamp: Stamp,
  charge: LockedTransaction,
  reason: string,
  amountMinor = charge.capturedMinor,
): Promise<void> {
  const canRefund = context.providers.get(charge.provider)?.canRefund === true
  await stageRefund(tx, stamp, charge, { amountMinor, reason, canRefund, key: reason })
  await enqueue(tx, stamp, {
    topic: 'payment.owed_back',
    payload: { orderId: charge.orderId, transactionId: charge.id, reason },
    dedupeKey: `payment.owed_back:${charge.id}`,
  })
}

function note(
  context: Context,
  fact: PaymentFact,
  order: LockedOrder,
  { row, fromState, eventId }: AppliedEvent,
  outcome: SettleOutcome,
): void {
  const line = {
    transactionId: row.id,
    order: order.number,
    effect: fact.effect,
    source: fact.source,
    from: fromState,
    to: row.state,
    outcome,
    reason: row.stateReason,
  }
  if (eventId === undefined) return context.log.debug(line, 'payment fact known already')
  // A person has to act on these; the alert is built on this line.
  if (outcome === 'review' || outcome === 'surplus' || outcome === 'duplicate' || outcome === 'contradicted')
    return context.log.warn(line, 'payment needs a person')
  context.log.info(line, 'payment fact')
}
