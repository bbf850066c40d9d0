import { inArray } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import { inKenya, type Place } from '../../lib/geo.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { warehouses } from '../catalog/warehouse.table.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { deliveries, deliveryEvents, deliveryLines } from './delivery.table.ts'
import { countyDelivery } from './zone.queries.ts'

/** What a delivery needs to know of its order. */
export interface OrderToDeliver {
  readonly id: string
  readonly county: string
  readonly town: string
  readonly landmark: string
  readonly lat: number | null
  readonly lng: number | null
  /** What this shipment carries. */
  readonly lines: readonly ShippedLine[]
}

/** So many of a line of the order, from its warehouse. */
export interface ShippedLine {
  readonly orderLineId: string
  readonly warehouseId: string
  readonly quantity: number
}

/**
 * Makes the deliveries of goods that were packed: one a warehouse, from its door to the shopper's pin, or to the county town when
 * there is no pin, each with what it carries. What is packed later is brought by deliveries of its own. Refuses with
 * `delivery_unavailable` for a county we do not know.
 */
export async function createDeliveries(tx: Tx, stamp: Stamp, order: OrderToDeliver): Promise<DeliveryRow[]> {
  const { destination, isPinned } = await destinationOf(tx, order)
  const origins = await tx
    .select({ id: warehouses.id, lat: warehouses.lat, lng: warehouses.lng })
    .from(warehouses)
    .where(inArray(warehouses.id, [...new Set(order.lines.map(({ warehouseId }) => warehouseId))]))
    .orderBy(warehouses.id)
  const created: DeliveryRow[] = []
  for (const origin of origins) {
    const [row] = await tx
      .insert(deliveries)
      .values({
        id: stamp.ids.next(),
        orderId: order.id,
        warehouseId: origin.id,
        originLat: origin.lat,
        originLng: origin.lng,
        destLat: destination.lat,
        destLng: destination.lng,
        destIsPinned: isPinned,
        destText: `${order.landmark}, ${order.town}, ${order.county}`,
        eventCount: 1,
        createdAt: stamp.now,
      })
      .returning()
    if (row !== undefined) created.push(row as DeliveryRow)
  }
  if (created.length === 0) return created
  await tx.insert(deliveryEvents).values(created.map((row) => createdEvent(stamp, row)))
  await tx
    .insert(deliveryLines)
    .values(
      created.flatMap((row) =>
        order.lines
          .filter(({ warehouseId }) => warehouseId === row.warehouseId)
          .map(({ orderLineId, quantity }) => ({ deliveryId: row.id, orderLineId, quantity })),
      ),
    )
  return created
}

async function destinationOf(tx: Tx, order: OrderToDeliver): Promise<{ destination: Place; isPinned: boolean }> {
  if (order.lat !== null && order.lng !== null && inKenya({ lat: order.lat, lng: order.lng })) {
    return { destination: { lat: order.lat, lng: order.lng }, isPinned: true }
  }
  const county = await countyDelivery(tx, order.county)
  if (county === undefined) throw new Refusal('delivery_unavailable')
  return { destination: { lat: county.lat, lng: county.lng }, isPinned: false }
}

const createdEvent = (stamp: Stamp, row: DeliveryRow): typeof deliveryEvents.$inferInsert => ({
  id: stamp.ids.next(),
  deliveryId: row.id,
  seq: 1,
  kind: 'created',
  fromState: null,
  toState: 'pending',
  actor: actorLabel(stamp.actor),
  occurredAt: stamp.now,
  createdAt: stamp.now,
})
