import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { consumeHolds } from '../../domain/catalog/consume-holds.ts'
import { assignDriver } from '../../domain/delivery/assign-driver.ts'
import { createDeliveries } from '../../domain/delivery/create-deliveries.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { pickDriver } from '../../domain/delivery/pick-driver.ts'
import { countPacked } from '../../domain/orders/count-packed.ts'
import { noteEvent } from '../../domain/orders/note-event.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { orderLines, orders } from '../../domain/orders/order.table.ts'
import { type Actor, isStaff, mayForVendor } from '../../lib/actor.ts'
import { parseOrderNumber } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { inOneCommit } from './in-one-commit.ts'

/** So many of a line that are packed now. */
export interface PackedLine {
  readonly lineId: string
  readonly quantity: number
}

type OrderRow = typeof orders.$inferSelect
type LineRow = typeof orderLines.$inferSelect

/**
 * Goods of a paid order, or of one to be paid at the door, are packed: everything that is left of it, or the lines that are named, so
 * that what is ready need not wait for the rest. Its deliveries are made, one a warehouse, and each is given to the free driver with
 * least to do who is nearest, if there is one; else it waits for somebody to take it. For staff, and for a vendor of the goods with
 * the scope `orders` or `delivery`, who packs what is theirs. An order to be paid at the door leaves whole, because its money is
 * asked for once. Refuses with `not_signed_in`, `not_allowed`, `not_found` for another shop's order or line, `order_state` unless
 * something of it waits to be packed, `invalid_input` for more than is left.
 */
export async function packOrder(context: Context, actor: Actor, number: string, wished?: readonly PackedLine[]): Promise<DeliveryRow[]> {
  return inOneCommit(context, actor, async (tx, stamp) => {
    const order = await lockOrder(tx, number)
    const lines = await tx
      .select()
      .from(orderLines)
      .where(sql`${orderLines.orderId} = ${order.id}::uuid`)
      .orderBy(orderLines.id)
    mustPack(
      actor,
      lines.map((line) => line.vendorId),
    )
    const isUnpaid = order.paidAt === null
    const parcel = choose(actor, order, lines, isUnpaid, wished)
    if (order.state === 'awaiting_payment') await mustPayAtDoor(tx, stamp, order)
    for (const { line, quantity } of parcel) await countPacked(tx, line.id, quantity)
    if (order.state === 'packed' || order.state === 'on_the_road')
      await noteEvent(tx, stamp, { orderId: order.id, state: order.state, kind: 'packed_part', data: { pieces: piecesOf(parcel) } })
    else await moveOrder(tx, stamp, order, 'packed', piecesOf(parcel) === piecesLeft(lines) ? 'packed' : 'packed in part')
    const created = await createDeliveries(tx, stamp, {
      ...order,
      lines: parcel.map(({ line, quantity }) => ({ orderLineId: line.id, warehouseId: line.warehouseId, quantity })),
    })
    return await dispatch(tx, stamp, created)
  })
}

interface Chosen {
  readonly line: LineRow
  readonly quantity: number
}

const leftOf = (line: LineRow): number => line.quantity - line.packedQuantity
const piecesLeft = (lines: readonly LineRow[]): number => lines.reduce((sum, line) => sum + leftOf(line), 0)
const piecesOf = (parcel: readonly Chosen[]): number => parcel.reduce((sum, { quantity }) => sum + quantity, 0)

/** What is packed now. Before part shipments were kept, an order was packed whole without counting: nothing is left of it. */
function choose(
  actor: Actor,
  order: OrderRow,
  lines: readonly LineRow[],
  isUnpaid: boolean,
  wished: readonly PackedLine[] | undefined,
): Chosen[] {
  const isUnderway = order.state === 'packed' || order.state === 'on_the_road'
  if (isUnderway && (isUnpaid || lines.every((line) => line.packedQuantity === 0))) throw new Refusal('order_state')
  const mine = lines.filter((line) => isUnpaid || isStaff(actor) || isOfVendor(actor, line.vendorId))
  const parcel =
    wished === undefined
      ? mine.map((line) => ({ line, quantity: leftOf(line) })).filter(({ quantity }) => quantity > 0)
      : wished.map(({ lineId, quantity }) => {
          const line = mine.find(({ id }) => id === lineId)
          if (line === undefined) throw new Refusal('not_found')
          if (quantity > leftOf(line)) throw new Refusal('invalid_input', { detail: `Only ${leftOf(line)} of a line are left to pack.` })
          return { line, quantity }
        })
  if (parcel.length === 0) throw new Refusal('order_state')
  if (new Set(parcel.map(({ line }) => line.id)).size !== parcel.length)
    throw new Refusal('invalid_input', { detail: 'Name each line once.' })
  if (isUnpaid && piecesOf(parcel) !== piecesLeft(lines))
    throw new Refusal('invalid_input', { detail: 'An order to be paid at the door leaves whole.' })
  return parcel
}

const isOfVendor = (actor: Actor, vendorId: string): boolean =>
  mayForVendor(actor, vendorId, 'orders') || mayForVendor(actor, vendorId, 'delivery')

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
  if (!vendorIds.some((vendorId) => isOfVendor(actor, vendorId))) throw new Refusal('not_found')
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
