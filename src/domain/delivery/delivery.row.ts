import { eq, type SQL, sql } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { DbOrTx, Tx } from '../../platform/db.ts'
import type { DeliveryState } from './delivery.states.ts'
import { deliveries } from './delivery.table.ts'

/** A delivery as the database holds it. */
export type DeliveryRow = typeof deliveries.$inferSelect & { state: DeliveryState }

/** Which delivery an address means: its id, or the number the predecessor's addresses used. Undefined for anything else. */
export function deliveryKey(text: string): SQL | undefined {
  if (isUuid(text)) return eq(deliveries.id, text.toLowerCase())
  return /^[1-9]\d{0,14}$/.test(text) ? eq(deliveries.number, Number(text)) : undefined
}

/** One delivery by id or number; undefined when there is none. */
export async function findDelivery(db: DbOrTx, key: string): Promise<DeliveryRow | undefined> {
  const where = deliveryKey(key)
  if (where === undefined) return undefined
  const [row] = await db.select().from(deliveries).where(where)
  return row as DeliveryRow | undefined
}

/** Locks one delivery until the commit. Refuses with not_found. */
export async function lockDelivery(tx: Tx, deliveryId: string): Promise<DeliveryRow> {
  const [row] = await tx.select().from(deliveries).where(eq(deliveries.id, deliveryId)).for('update')
  if (row === undefined) throw new Refusal('not_found')
  return row as DeliveryRow
}

/** The states of all deliveries of an order, cancelled ones left out. */
export async function statesOfOrder(tx: Tx, orderId: string): Promise<DeliveryState[]> {
  const rows = await tx
    .select({ state: deliveries.state })
    .from(deliveries)
    .where(sql`${deliveries.orderId} = ${orderId}::uuid and ${deliveries.state} <> 'cancelled'`)
  return rows.map((row) => row.state as DeliveryState)
}
