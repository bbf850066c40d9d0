import { and, eq } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import { enqueue } from '../../platform/outbox.ts'
import { tellIntegrators } from '../integrators/tell-integrators.ts'
import { orderMessage, type OrderEventName } from '../notifications/order-message.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type OrderState, orderStates } from './order.states.ts'
import { orderEvents, orders } from './order.table.ts'

const closing: ReadonlySet<OrderState> = new Set(['delivered', 'returned', 'cancelled', 'expired'])

// Paid is told with the payment, which knows the receipt.
const told: Partial<Record<OrderState, OrderEventName>> = {
  packed: 'packed',
  on_the_road: 'on_the_road',
  delivered: 'delivered',
  cancelled: 'cancelled',
  expired: 'expired',
}

/**
 * Moves an order along its state table; the only writer of orders.state. The old state stands in the `where`, so of two movers
 * one wins. The shopper is told by the outbox. Refuses with `order_state` when the table forbids the move, `conflict` when somebody moved it first.
 */
export async function moveOrder(tx: Tx, stamp: Stamp, order: { id: string; state: string }, to: OrderState, reason = ''): Promise<void> {
  const from = order.state as OrderState
  if (!orderStates.can(from, to)) throw new Refusal('order_state')
  const moved = await tx
    .update(orders)
    .set({
      state: to,
      ...(to === 'paid' ? { paidAt: stamp.now, closedAt: null } : {}),
      ...(closing.has(to) ? { closedAt: stamp.now } : {}),
    })
    .where(and(eq(orders.id, order.id), eq(orders.state, from)))
    .returning({ number: orders.number })
  if (moved[0] === undefined) throw new Refusal('conflict')
  await tx.insert(orderEvents).values({
    id: stamp.ids.next(),
    orderId: order.id,
    fromState: from,
    toState: to,
    actor: actorLabel(stamp.actor),
    reason,
    createdAt: stamp.now,
  })
  // Where nobody listens this is one statement without a row.
  if (to !== 'awaiting_payment')
    await tellIntegrators(tx, stamp, { type: `order.${to}`, orderId: order.id, data: { orderNumber: moved[0].number, state: to } })
  const event = told[to]
  if (event !== undefined) await enqueue(tx, stamp, orderMessage(event, order.id))
}
