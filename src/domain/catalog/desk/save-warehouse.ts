import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'

/** A warehouse as it is to be. */
export interface WarehouseInput {
  readonly name: string
  readonly address: string
  readonly lat: number
  readonly lng: number
  readonly isActive: boolean
}

/**
 * Writes a warehouse under its code, new or known. One with goods set aside for orders cannot be closed; what lies in a closed one is not
 * sold. A step. Refuses with invalid_input outside Kenya, conflict.
 */
export async function saveWarehouse(tx: Tx, stamp: Stamp, code: string, input: WarehouseInput): Promise<void> {
  if (input.lat < -4.8 || input.lat > 5.3 || input.lng < 33.5 || input.lng > 42.2)
    throw new Refusal('invalid_input', { fields: [{ path: '/body/lat', code: 'not_in_kenya', message: 'Warehouses are in Kenya.' }] })
  const [saved] = await tx.execute<{ id: string }>(sql`
    insert into warehouses (id, code, name, address, lat, lng, is_active)
    values (${stamp.ids.next()}::uuid, ${code}, ${input.name.trim()}, ${input.address.trim()}, ${input.lat}, ${input.lng}, ${input.isActive})
    on conflict (code) do update set name = excluded.name, address = excluded.address, lat = excluded.lat, lng = excluded.lng, is_active = excluded.is_active
    returning id`)
  if (!input.isActive) {
    const held = await tx.execute(sql`select 1 from stock_levels where warehouse_id = ${saved?.id ?? null}::uuid and reserved > 0 limit 1`)
    if (held.length > 0)
      throw new Refusal('conflict', { detail: 'Goods of this warehouse are set aside for orders. Close it when they are gone.' })
  }
  await audit(tx, stamp, { action: 'warehouse.saved', target: code, data: { ...input } })
}
