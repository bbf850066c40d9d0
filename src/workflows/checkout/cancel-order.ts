import { and, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { releaseHolds } from '../../domain/catalog/release-holds.ts'
import { restock } from '../../domain/catalog/restock.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { orderLines } from '../../domain/orders/order.table.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { aloneMinor, stageRefund } from '../../domain/payments/stage-refund.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import { releasePromo } from '../../domain/promotions/release-promo.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { withRetry } from '../../platform/db-error.ts'
import { closeCashCharge, openCharges } from './cash.charge.ts'
import { lockOrder } from './lock-order.ts'

/**
 * Cancels an order before it is packed: its goods lie on the shelf again, its code counts for somebody else, and what was paid goes
 * back by the way it came. While a payment may still arrive the order cannot be cancelled: the shopper may just be typing the PIN. A
 * member of staff who sends back more than one may alone needs a second one, as with every refund. Refuses with not_found,
 * order_state, payment_open.
 */
export async function cancelOrder(context: Context, actor: Actor, number: string, token: string | undefined): Promise<{ id: string }> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  const cancelled = await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        const order = await lockOrder(tx, actor, number, token)
        if (order.state === 'awaiting_payment') await cancelUnpaid(tx, stamp, order)
        else if (order.state === 'paid') await cancelPaid(context, tx, stamp, order)
        else throw new Refusal('order_state')
        return { id: order.id }
      }),
  )
  context.outbox.wake()
  return cancelled
}

const reasonOf = ({ actor }: Stamp): string => (isStaff(actor) ? 'cancelled by the shop' : 'cancelled by the shopper')

async function cancelUnpaid(tx: Tx, stamp: Stamp, order: { id: string; state: string }): Promise<void> {
  if ((await openCharges(tx, order.id)) > 0) throw new Refusal('payment_open')
  // Cash at the door is nobody typing a PIN; it is simply not taken.
  await closeCashCharge(tx, stamp, order.id, 'order_cancelled')
  await moveOrder(tx, stamp, order, 'cancelled', reasonOf(stamp))
  await releasePromo(tx, stamp, order.id)
  await releaseHolds(tx, stamp, order.id)
}

async function cancelPaid(context: Context, tx: Tx, stamp: Stamp, order: { id: string; state: string }): Promise<void> {
  const [paid] = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.orderId, order.id), eq(transactions.kind, 'charge'), eq(transactions.state, 'succeeded')))
  if (paid === undefined) throw new Refusal('order_state')
  const charge = await lockTransaction(tx, paid.id)
  const amountMinor = charge.capturedMinor - charge.refundedMinor - charge.refundPendingMinor
  // What a bank holds in dispute is decided there first.
  if (charge.disputedMinor > 0n)
    throw new Refusal('payment_open', { detail: 'The bank is deciding about this payment. Wait for its answer.' })
  await moveOrder(tx, stamp, order, 'cancelled', reasonOf(stamp))
  if (amountMinor > 0n)
    await stageRefund(tx, stamp, charge, {
      amountMinor,
      reason: 'order_cancelled',
      canRefund: context.providers.get(charge.provider)?.canRefund === true,
      needsSecond: isStaff(stamp.actor) && amountMinor > aloneMinor,
      key: 'order_cancelled',
    })
  await releasePromo(tx, stamp, order.id)
  const goods = await tx
    .select({ variantId: orderLines.variantId, warehouseId: orderLines.warehouseId, quantity: orderLines.quantity })
    .from(orderLines)
    .where(eq(orderLines.orderId, order.id))
  await restock(tx, stamp, { orderId: order.id, cause: `cancel:${order.id}`, goods })
}
