import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { consumeHolds } from '../../domain/catalog/consume-holds.ts'
import { assignDriver } from '../../domain/delivery/assign-driver.ts'
import { createDeliveries } from '../../domain/delivery/create-deliveries.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { pickDriver } from '../../domain/delivery/pick-driver.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { orderLines, orders } from '../../domain/orders/order.table.ts'
import { type Actor, isStaff, mayForVendor } from '../../lib/actor.ts'
import { parseOrderNumber } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { inOneCommit } from './in-one-commit.ts'

/**
 * A paid order, or one to be paid at the door, is packed: its deliveries are made, and each is given to the free driver with least to do who is nearest, if there
 * is one; else it waits for somebody to take it. For staff, and for a vendor of the goods with the scope `orders` or `delivery`.
 * Refuses with `not_signed_in`, `not_allowed`, `not_found` for another shop's order, `order_state` unless it is one of these.
 */
export async function packOrder(context: Context, actor: Actor, number: string): Promise<DeliveryRow[]> {
  return inOneCommit(context, actor, async (tx, stamp) => {
    const order = await lockOrder(tx, number)
    const lines = await tx
      .select({ vendorId: orderLines.vendorId, warehouseId: orderLines.warehouseId })
      .from(orderLines)
      .where(sql`${orderLines.orderId} = ${order.id}::uuid`)
    mustPack(
      actor,
      lines.map((line) => line.vendorId),
    )
    if (order.state === 'awaiting_payment') await mustPayAtDoor(tx, stamp, order)
    await moveOrder(tx, stamp, order, 'packed', 'packed')
    const created = await createDeliveries(tx, stamp, { ...order, warehouseIds: lines.map((line) => line.warehouseId) })
    return await dispatch(tx, stamp, created)
  })
}

async function lockOrder(tx: Tx, number: string) {
  const parsed = parseOrderNumber(number)
  if (parsed === undefined) throw new Refusal('not_found')
  const [order] = await tx
    .select()
    .from(orders)
    .where(sql`${orders.number} = ${parsed}`)
    .for('update')
  if (order === undefined) throw new Refusal('not_found')
  return order
}

function mustPack(actor: Actor, vendorIds: readonly string[]): void {
  if (isStaff(actor)) return
  if (actor.kind !== 'person') throw new Refusal('not_signed_in')
  if (actor.vendors.length === 0) throw new Refusal('not_allowed')
  if (!vendorIds.some((vendorId) => mayForVendor(actor, vendorId, 'orders') || mayForVendor(actor, vendorId, 'delivery')))
    throw new Refusal('not_found')
}

/**
 * An order to be paid at the door is packed unpaid, as long as its charge waits for the rider; its goods leave the shelf now. Refuses
 * with `order_state` for any other unpaid order.
 */
async function mustPayAtDoor(tx: Tx, stamp: Stamp, order: { id: string; paymentMethod: string }): Promise<void> {
  const [waiting] = await tx.execute(
    sql`select 1 from transactions where order_id = ${order.id}::uuid and kind = 'charge' and provider = 'cod' and state = 'pending'`,
  )
  if (order.paymentMethod !== 'cod' || waiting === undefined) throw new Refusal('order_state')
  if ((await consumeHolds(tx, stamp, order.id)) === 0) throw new Refusal('out_of_stock')
}

async function dispatch(tx: Tx, stamp: Stamp, waiting: readonly DeliveryRow[]): Promise<DeliveryRow[]> {
  const dispatched: DeliveryRow[] = []
  for (const delivery of waiting) {
    const driverId = await pickDriver(tx, { lat: delivery.originLat, lng: delivery.originLng })
    dispatched.push(driverId === undefined ? delivery : await assignDriver(tx, stamp, delivery, driverId))
  }
  return dispatched
}
