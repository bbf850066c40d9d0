import { and, eq } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { lineRows, type OrderDraft } from './create-order.ts'
import type { OrderWithLines } from './order.queries.ts'
import { orderLines, orders } from './order.table.ts'

/** What an unpaid order becomes. */
export type OrderRewrite = Omit<OrderDraft, 'id' | 'token' | 'accountId' | 'cartId'>

/**
 * Gives an unpaid order other lines, prices, address or contact: what it was is told by the event the caller writes. The order is
 * locked. A step. Refuses with order_state once it is not waiting for payment; the database refuses it too.
 */
export async function rewriteOrder(tx: Tx, stamp: Stamp, orderId: string, rewrite: OrderRewrite): Promise<OrderWithLines> {
  const { totals, lines, ...plain } = rewrite
  const [order] = await tx
    .update(orders)
    .set({ ...plain, ...totals })
    .where(and(eq(orders.id, orderId), eq(orders.state, 'awaiting_payment')))
    .returning()
  if (order === undefined) throw new Refusal('order_state')
  await tx.delete(orderLines).where(eq(orderLines.orderId, orderId))
  const written = await tx
    .insert(orderLines)
    .values(lineRows(stamp, orderId, lines))
    .returning()
  return { ...order, lines: written.sort((a, b) => a.position - b.position) }
}

/** Writes down how an unpaid order is to be paid now. A step. */
export async function setPaymentMethod(tx: Tx, orderId: string, method: string, phone: string | undefined): Promise<void> {
  await tx
    .update(orders)
    .set({ paymentMethod: method, ...(phone === undefined ? {} : { paymentPhone: phone }) })
    .where(and(eq(orders.id, orderId), eq(orders.state, 'awaiting_payment')))
}
