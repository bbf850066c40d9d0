import { sql } from 'drizzle-orm'
import { type Actor, isStaff, mayForVendor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { DeliveryRow } from './delivery.row.ts'

/**
 * Only the driver assigned now moves a delivery, or staff in their place. Refuses with `not_allowed` for somebody who is no driver,
 * `not_found` for a driver whose delivery it is not.
 */
export function mustDrive(actor: Actor, delivery: Pick<DeliveryRow, 'driverId'>): void {
  if (isStaff(actor)) return
  if (actor.kind !== 'person' || !actor.roles.includes('driver')) throw new Refusal('not_allowed')
  if (delivery.driverId !== actor.accountId) throw new Refusal('not_found')
}

/**
 * Only staff, or the vendor of the goods with the scope `delivery`, decide who brings a delivery. Refuses with `not_allowed` for
 * somebody without a shop, `not_found` for another shop's.
 */
export async function mustDispatch(db: DbOrTx, actor: Actor, delivery: Pick<DeliveryRow, 'orderId' | 'warehouseId'>): Promise<void> {
  if (isStaff(actor)) return
  if (actor.kind !== 'person' || actor.vendors.length === 0) throw new Refusal('not_allowed')
  const rows = await db.execute<{ vendor_id: string }>(sql`
    select distinct vendor_id from order_lines where order_id = ${delivery.orderId}::uuid and warehouse_id = ${delivery.warehouseId}::uuid`)
  if (!rows.some((row) => mayForVendor(actor, row.vendor_id, 'delivery'))) throw new Refusal('not_found')
}
