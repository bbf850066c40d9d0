import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { lockHolds } from './lock-holds.ts'

/** Gives an order's held goods back to the shelf. Nothing moves, so there is no stock move. Answers how many holds ended. */
export async function releaseHolds(tx: Tx, stamp: Stamp, orderId: string): Promise<number> {
  const holds = await lockHolds(tx, orderId)
  if (holds.length === 0) return 0
  await tx.execute(sql`
    with held as (
      select * from unnest(
        ${sql.param(holds.map((hold) => hold.id))}::uuid[], ${sql.param(holds.map((hold) => hold.variantId))}::uuid[],
        ${sql.param(holds.map((hold) => hold.warehouseId))}::uuid[], ${sql.param(holds.map((hold) => hold.quantity))}::int[]
      ) as h(id, variant_id, warehouse_id, quantity)
    ), ended as (
      update stock_holds set state = 'released', ended_at = ${stamp.now.toISOString()}::timestamptz from held where stock_holds.id = held.id
    )
    update stock_levels s set reserved = s.reserved - held.quantity
    from held where s.variant_id = held.variant_id and s.warehouse_id = held.warehouse_id`)
  return holds.length
}
