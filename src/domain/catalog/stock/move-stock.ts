import { sql } from 'drizzle-orm'
import { actorLabel } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import type { Tx } from '../../../platform/db.ts'
import { noteShortages } from './note-shortages.ts'

/** So many pieces more (or less) of a variant on one shelf. Sales are no such thing: they come from holds. */
export interface StockChange {
  readonly variantId: string
  readonly warehouseId: string
  readonly kind: 'received' | 'adjusted' | 'transferred' | 'returned'
  readonly delta: number
}

/**
 * Moves goods: the moves and the shelves in one commit, shelves locked in variant order. `cause` makes the moves one: the same cause a
 * second time moves nothing, and false is answered. A step. Refuses with out_of_stock where a shelf would hold less than what is set
 * aside for orders.
 */
export async function moveStock(tx: Tx, stamp: Stamp, cause: string, changes: readonly StockChange[]): Promise<boolean> {
  const moved = changes.filter(({ delta }) => delta !== 0)
  if (moved.length === 0) return false
  const list = JSON.stringify(moved.map((change) => ({ ...change, id: stamp.ids.next() })))
  const made = await tx.execute(sql`
    insert into stock_moves (id, variant_id, warehouse_id, kind, delta, cause, actor, created_at)
    select x.id, x."variantId", x."warehouseId", x.kind, x.delta, ${cause}, ${actorLabel(stamp.actor)}, ${stamp.now.toISOString()}::timestamptz
    from jsonb_to_recordset(${list}::text::jsonb) x(id uuid, "variantId" uuid, "warehouseId" uuid, kind text, delta int)
    on conflict do nothing returning id`)
  if (made.length === 0) return false
  if (made.length < moved.length) throw new Refusal('conflict')
  await tx.execute(sql`
    insert into stock_levels (variant_id, warehouse_id) select x."variantId", x."warehouseId" from jsonb_to_recordset(${list}::text::jsonb) x("variantId" uuid, "warehouseId" uuid)
    order by 1, 2 on conflict do nothing`)
  const changed = await tx.execute<{ variant_id: string }>(sql`
    with wanted as (
      select x."variantId" as variant_id, x."warehouseId" as warehouse_id, x.delta from jsonb_to_recordset(${list}::text::jsonb) x("variantId" uuid, "warehouseId" uuid, delta int)
    ), locked as (
      select s.variant_id, s.warehouse_id from stock_levels s join wanted w using (variant_id, warehouse_id) order by s.variant_id, s.warehouse_id for update of s
    )
    update stock_levels s set on_hand = s.on_hand + w.delta from wanted w join locked l using (variant_id, warehouse_id)
    where s.variant_id = w.variant_id and s.warehouse_id = w.warehouse_id and s.on_hand + w.delta >= s.reserved
    returning s.variant_id`)
  if (changed.length < moved.length)
    throw new Refusal('out_of_stock', { detail: 'A shelf would hold less than what is set aside for orders. Nothing was moved.' })
  await noteShortages(tx, stamp, [...new Set(moved.map(({ variantId }) => variantId))])
  return true
}
