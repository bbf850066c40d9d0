import { sql } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { StockPick } from './hold-stock.ts'

/** Goods that were sold and lie on a shelf again, and why: `return:<id>`, `cancel:<order id>`. */
export interface Restock {
  readonly orderId: string
  /** With the shelf it makes the move one, so that a repeat moves nothing twice. */
  readonly cause: string
  readonly goods: readonly StockPick[]
}

/** Puts goods back on the shelves they were sold from, with a stock move for each. Shelves are locked in variant order. A step. */
export async function restock(tx: Tx, stamp: Stamp, { orderId, cause, goods }: Restock): Promise<void> {
  if (goods.length === 0) return
  await tx.execute(sql`
    with back as (
      select variant_id, warehouse_id, sum(quantity)::int as quantity from unnest(
        ${sql.param(goods.map((pick) => pick.variantId))}::uuid[], ${sql.param(goods.map((pick) => pick.warehouseId))}::uuid[], ${sql.param(goods.map((pick) => pick.quantity))}::int[]
      ) as b(variant_id, warehouse_id, quantity) group by variant_id, warehouse_id
    ), locked as (
      select s.variant_id, s.warehouse_id from stock_levels s join back using (variant_id, warehouse_id)
      order by s.variant_id, s.warehouse_id for update of s
    ), moved as (
      insert into stock_moves (id, variant_id, warehouse_id, kind, delta, order_id, cause, actor, created_at)
      select gen_random_uuid(), variant_id, warehouse_id, 'returned', quantity, ${orderId}::uuid, ${cause}, ${actorLabel(stamp.actor)}, ${stamp.now.toISOString()}::timestamptz
      from back join locked using (variant_id, warehouse_id)
      on conflict do nothing returning variant_id, warehouse_id, delta
    )
    update stock_levels s set on_hand = s.on_hand + moved.delta
    from moved where s.variant_id = moved.variant_id and s.warehouse_id = moved.warehouse_id`)
}
