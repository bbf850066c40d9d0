import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'

/** So many of one variant out of one warehouse. */
export interface StockPick {
  readonly variantId: string
  readonly warehouseId: string
  readonly quantity: number
}

/**
 * Sets goods aside for an order: one conditional update over all shelves, locked in variant order so that two orders never wait
 * for each other in a circle, and the hold rows. True when everything was there; on false the caller must roll back, because a
 * part may have been taken. Each shelf may appear once in `picks`.
 */
export async function holdStock(tx: Tx, stamp: Stamp, orderId: string, picks: readonly StockPick[]): Promise<boolean> {
  const taken = await tx.execute<{ variant_id: string }>(sql`
    with wanted as (
      select * from unnest(
        ${sql.param(picks.map(() => stamp.ids.next()))}::uuid[], ${sql.param(picks.map((pick) => pick.variantId))}::uuid[],
        ${sql.param(picks.map((pick) => pick.warehouseId))}::uuid[], ${sql.param(picks.map((pick) => pick.quantity))}::int[]
      ) as w(id, variant_id, warehouse_id, quantity)
    ), locked as (
      select s.variant_id, s.warehouse_id from stock_levels s join wanted w using (variant_id, warehouse_id)
      order by s.variant_id, s.warehouse_id for update of s
    ), taken as (
      update stock_levels s set reserved = s.reserved + w.quantity
      from wanted w join locked l using (variant_id, warehouse_id)
      where s.variant_id = w.variant_id and s.warehouse_id = w.warehouse_id and s.on_hand - s.reserved >= w.quantity
      returning w.id, s.variant_id, s.warehouse_id, w.quantity
    )
    insert into stock_holds (id, order_id, variant_id, warehouse_id, quantity, state, created_at)
    select t.id, ${orderId}::uuid, t.variant_id, t.warehouse_id, t.quantity, 'held', ${stamp.now.toISOString()}::timestamptz from taken t
    returning variant_id`)
  return taken.length === picks.length
}
