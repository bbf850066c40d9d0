import { and, eq, isNull } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { orderEvents, orders } from './order.table.ts'

/**
 * Writes down that an order was paid where it is: on its way to the door. Its state stays, because that says where the goods are.
 * Refuses with conflict when it was paid already.
 */
export async function markPaid(tx: Tx, stamp: Stamp, order: { id: string; state: string }, reason: string): Promise<void> {
  const marked = await tx
    .update(orders)
    .set({ paidAt: stamp.now })
    .where(and(eq(orders.id, order.id), isNull(orders.paidAt)))
    .returning({ id: orders.id })
  if (marked.length === 0) throw new Refusal('conflict')
  await tx.insert(orderEvents).values({
    id: stamp.ids.next(),
    orderId: order.id,
    fromState: order.state,
    toState: order.state,
    actor: actorLabel(stamp.actor),
    reason,
    createdAt: stamp.now,
  })
}
