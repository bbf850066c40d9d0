import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import type { FreeStock } from './stock.plan.ts'

/** What is free of some variants in each active warehouse. Unlocked: a plan, not a promise; holdStock decides. */
export async function freeStock(db: DbOrTx, variantIds: readonly string[]): Promise<FreeStock[]> {
  const rows = await db.execute<{ variant_id: string; warehouse_id: string; free: number; lat: number; lng: number }>(sql`
    select s.variant_id, s.warehouse_id, s.on_hand - s.reserved as free, w.lat, w.lng
    from stock_levels s join warehouses w on w.id = s.warehouse_id
    where s.variant_id = any(${sql.param([...variantIds])}::uuid[]) and w.is_active and s.on_hand > s.reserved`)
  return rows.map((row) => ({ variantId: row.variant_id, warehouseId: row.warehouse_id, free: row.free, lat: row.lat, lng: row.lng }))
}
