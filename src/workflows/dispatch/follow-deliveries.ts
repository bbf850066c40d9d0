import { statesOfOrder } from '../../domain/delivery/delivery.row.ts'
import type { DeliveryState } from '../../domain/delivery/delivery.states.ts'
import { isPartlyPacked } from '../../domain/orders/count-packed.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'

const away: ReadonlySet<DeliveryState> = new Set(['picked_up', 'en_route', 'arriving', 'returning', 'delivered'])

/**
 * What an order is, going by its deliveries: delivered when all are and nothing waits to be packed, on the road from the first pick-up
 * (from then on it cannot be cancelled, because the goods have left), else packed. Pure.
 */
export function orderStateFor(states: readonly DeliveryState[], isPartlyPacked = false): OrderState {
  if (!isPartlyPacked && states.length > 0 && states.every((state) => state === 'delivered')) return 'delivered'
  return states.some((state) => away.has(state)) ? 'on_the_road' : 'packed'
}

/**
 * Moves the order after its deliveries. A step; order and delivery are locked. Refuses with `order_state` when the order is not
 * under way, for example cancelled.
 */
export async function followDeliveries(tx: Tx, stamp: Stamp, order: { id: string; state: OrderState }, reason: string): Promise<void> {
  if (order.state !== 'packed' && order.state !== 'on_the_road') throw new Refusal('order_state')
  const state = orderStateFor(await statesOfOrder(tx, order.id), await isPartlyPacked(tx, order.id))
  if (state !== order.state) await moveOrder(tx, stamp, order, state, reason)
}
