import { eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue } from '../../platform/outbox.ts'
import { orderMessage } from '../notifications/order-message.ts'
import { type Notice, notify } from '../notifications/notify.ts'
import { orders } from '../orders/order.table.ts'
import type { DeliveryRow } from './delivery.row.ts'
import type { DeliveryState } from './delivery.states.ts'

type Words = Pick<Notice, 'event' | 'title' | 'message' | 'level'>

const shopperWords = (number: string): Partial<Record<DeliveryState, Words>> => ({
  en_route: {
    event: 'delivery.on_the_way',
    title: 'Your order is on the way',
    message: `Order ${number} has left our store. Follow the rider on the map.`,
    level: 'info',
  },
  arriving: {
    event: 'delivery.near',
    title: 'The rider is almost there',
    message: `Have your delivery code for order ${number} at hand.`,
    level: 'info',
  },
  delivered: { event: 'delivery.delivered', title: 'Delivered', message: `Order ${number} was handed over.`, level: 'success' },
  failed: {
    event: 'delivery.failed',
    title: 'We could not deliver',
    message: `Order ${number} is still with the rider. We will try again.`,
    level: 'warning',
  },
})

/** Tells the shopper (in the shop if they have an account; near and failed by text and letter too) and the driver of a move, in its commit. A step. */
export async function tellPeople(tx: Tx, stamp: Stamp, row: DeliveryRow, before: string | null): Promise<void> {
  const about = `${row.id}:${row.eventCount}`
  if (row.state === 'assigned' && row.driverId !== null) {
    const message = `Delivery ${row.number} to ${row.destText}.`
    await notify(tx, stamp, {
      accountId: row.driverId,
      event: 'run.assigned',
      about,
      title: 'A new delivery',
      message,
      level: 'info',
      url: '/driver',
    })
  }
  if (before !== null && before !== row.driverId) {
    const message = `Delivery ${row.number} is not yours any more.`
    await notify(tx, stamp, {
      accountId: before,
      event: 'run.unassigned',
      about,
      title: 'Delivery taken back',
      message,
      level: 'warning',
      url: '/driver',
    })
  }
  if (row.state === 'arriving') await enqueue(tx, stamp, orderMessage('rider_near', row.orderId, row.id))
  // Each attempt is told of, so each has a key of its own.
  if (row.state === 'failed') await enqueue(tx, stamp, orderMessage('attempt_failed', row.orderId, stamp.ids.next()))
  const [order] = await tx.select({ accountId: orders.accountId, number: orders.number }).from(orders).where(eq(orders.id, row.orderId))
  const words = order === undefined ? undefined : shopperWords(order.number)[row.state]
  if (words === undefined || order?.accountId == null) return
  // Who is near twice in one ride, past the gate and back, is told of once.
  const once = row.state === 'arriving' ? `${row.id}:near:${row.enRouteAt?.getTime() ?? 0}` : about
  await notify(tx, stamp, { ...words, accountId: order.accountId, about: once, url: `/orders/${order.number}` })
}
