import { type SQL, sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid } from '../../lib/ids.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { accounts } from '../accounts/account.table.ts'
import { warehouses } from '../catalog/warehouse.table.ts'
import { orders } from '../orders/order.table.ts'
import { deliveryKey } from './delivery.row.ts'
import type { DeliveryState } from './delivery.states.ts'
import { deliveries, deliveryEvents, deliveryPositions, drivers } from './delivery.table.ts'

const detailColumns = {
  delivery: deliveries,
  orderNumber: orders.number,
  orderState: orders.state,
  cashDueMinor: sql<
    string | null
  >`case when ${orders.paymentMethod} = 'cod' and ${orders.paidAt} is null then ${orders.totalMinor}::text end`,
  contactName: orders.contactName,
  contactPhone: orders.contactPhone,
  landmark: orders.landmark,
  town: orders.town,
  county: orders.county,
  note: orders.note,
  promisedFrom: orders.promisedFrom,
  promisedTo: orders.promisedTo,
  warehouseName: warehouses.name,
  driverName: accounts.name,
  driverPhone: accounts.phone,
  driverPlate: drivers.plate,
} as const

/** A delivery with what its order, warehouse and driver say about it. */
export type DeliveryDetail = Awaited<ReturnType<typeof detailsWhere>>[number]

async function detailsWhere(db: DbOrTx, where: SQL, limit: number) {
  const rows = await db
    .select(detailColumns)
    .from(deliveries)
    .innerJoin(orders, sql`${orders.id} = ${deliveries.orderId}`)
    .innerJoin(warehouses, sql`${warehouses.id} = ${deliveries.warehouseId}`)
    .leftJoin(accounts, sql`${accounts.id} = ${deliveries.driverId}`)
    .leftJoin(drivers, sql`${drivers.accountId} = ${deliveries.driverId}`)
    .where(where)
    .orderBy(sql`${deliveries.createdAt} desc, ${deliveries.id} desc`)
    .limit(limit)
  return rows.map(({ delivery, ...rest }) => ({ ...delivery, state: delivery.state as DeliveryState, ...rest }))
}

/** One delivery by id or number. Whether the asker may see it is for the caller to decide. */
export async function deliveryDetail(db: DbOrTx, key: string): Promise<DeliveryDetail | undefined> {
  const where = deliveryKey(key)
  return where === undefined ? undefined : (await detailsWhere(db, where, 1))[0]
}

/** All deliveries of an order, oldest first; an order has at most as many as there are warehouses. */
export async function deliveriesOfOrder(db: DbOrTx, orderId: string): Promise<DeliveryDetail[]> {
  return (await detailsWhere(db, sql`${deliveries.orderId} = ${orderId}::uuid`, 50)).reverse()
}

/** What a driver has to do: their own open deliveries, and those still waiting for somebody. */
export async function deliveriesForDriver(db: DbOrTx, driverId: string): Promise<{ own: DeliveryDetail[]; waiting: DeliveryDetail[] }> {
  const own = await detailsWhere(
    db,
    sql`${deliveries.driverId} = ${driverId}::uuid and ${deliveries.state} in ('assigned', 'picked_up', 'en_route', 'arriving', 'failed', 'returning')`,
    50,
  )
  const waiting = await detailsWhere(db, sql`${deliveries.state} = 'pending'`, 10)
  return { own: own.reverse(), waiting: waiting.reverse() }
}

/** Deliveries that are not finished, newest first: what a dispatcher looks at. */
export const liveDeliveries = (db: DbOrTx): Promise<DeliveryDetail[]> =>
  detailsWhere(db, sql`${deliveries.state} not in ('delivered', 'cancelled')`, 200)

/** One page of deliveries, newest first: of one driver, or of all for staff (driverId undefined). */
export async function listDeliveries(
  db: DbOrTx,
  filter: { driverId: string | undefined; state: DeliveryState | undefined; cursor: string | undefined; limit: number },
): Promise<{ items: DeliveryDetail[]; nextCursor: string | null }> {
  const where: SQL[] = [sql`true`]
  if (filter.driverId !== undefined) where.push(sql`${deliveries.driverId} = ${filter.driverId}::uuid`)
  if (filter.state !== undefined) where.push(sql`${deliveries.state} = ${filter.state}`)
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  if (after !== undefined && isUuid(String(after[1])) && !Number.isNaN(Date.parse(String(after[0])))) {
    where.push(
      sql`(${deliveries.createdAt}, ${deliveries.id}) < (${new Date(String(after[0])).toISOString()}::timestamptz, ${String(after[1])}::uuid)`,
    )
  }
  const found = await detailsWhere(db, sql.join(where, sql` and `), filter.limit + 1)
  const items = found.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: found.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
  }
}

/** One thing that happened to a delivery. */
export interface DeliveryEventLine {
  readonly seq: number
  readonly kind: string
  readonly state: DeliveryState
  readonly at: Date
}

/** What happened to a delivery, oldest first. */
export async function eventsOf(db: DbOrTx, deliveryId: string): Promise<DeliveryEventLine[]> {
  const rows = await db
    .select({ seq: deliveryEvents.seq, kind: deliveryEvents.kind, state: deliveryEvents.toState, at: deliveryEvents.occurredAt })
    .from(deliveryEvents)
    .where(sql`${deliveryEvents.deliveryId} = ${deliveryId}::uuid`)
    .orderBy(deliveryEvents.seq)
    .limit(200)
  return rows.map((row) => ({ ...row, state: row.state as DeliveryState }))
}

/** A saved point of the trail. */
export interface TrailPoint {
  readonly lat: number
  readonly lng: number
  readonly at: Date
}

/** The saved trail after a moment, oldest first, at most `limit` points. */
export const trailOf = (db: DbOrTx, deliveryId: string, since: Date, limit: number): Promise<TrailPoint[]> =>
  db
    .select({ lat: deliveryPositions.lat, lng: deliveryPositions.lng, at: deliveryPositions.fixedAt })
    .from(deliveryPositions)
    .where(
      sql`${deliveryPositions.deliveryId} = ${deliveryId}::uuid and ${deliveryPositions.fixedAt} > ${since.toISOString()}::timestamptz`,
    )
    .orderBy(deliveryPositions.fixedAt)
    .limit(limit)
