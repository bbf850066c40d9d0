import { eq } from 'drizzle-orm'
import { type DeliveryRow, findDelivery, lockDelivery } from '../../domain/delivery/delivery.row.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { orders } from '../../domain/orders/order.table.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Tx } from '../../platform/db.ts'

/** A delivery and its order, both locked. */
export interface Run {
  readonly order: { readonly id: string; readonly state: OrderState; readonly isPaid: boolean }
  readonly delivery: DeliveryRow
}

/** Locks the order, then the delivery: everybody who needs both takes them in this order. A step. Refuses with not_found. */
export async function lockRun(tx: Tx, key: string): Promise<Run> {
  const found = await findDelivery(tx, key)
  if (found === undefined) throw new Refusal('not_found')
  const [order] = await tx
    .select({ id: orders.id, state: orders.state, paidAt: orders.paidAt })
    .from(orders)
    .where(eq(orders.id, found.orderId))
    .for('update')
  if (order === undefined) throw new Refusal('not_found')
  return {
    order: { id: order.id, state: order.state as OrderState, isPaid: order.paidAt !== null },
    delivery: await lockDelivery(tx, found.id),
  }
}
