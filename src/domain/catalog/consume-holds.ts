import { sql } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { lockHolds } from './lock-holds.ts'
import { noteShortages } from './stock/note-shortages.ts'

/** Turns an order's held goods into sold ones: they leave the shelf, with a stock move for each. Answers how many holds ended. */
export async function consumeHolds(tx: Tx, stamp: Stamp, orderId: string): Promise<number> {
  const holds = await lockHolds(tx, orderId)
  if (holds.length === 0) return 0
  await tx.execute(sql`
    with held as (
      select * from unnest(
        ${sql.param(holds.map((hold) => hold.id))}::uuid[], ${sql.param(holds.map((hold) => hold.variantId))}::uuid[],
        ${sql.param(holds.map((hold) => hold.warehouseId))}::uuid[], ${sql.param(holds.map((hold) => hold.quantity))}::int[],
        ${sql.param(holds.map(() => stamp.ids.next()))}::uuid[]
      ) as h(id, variant_id, warehouse_id, quantity, move_id)
    ), ended as (
      update stock_holds set state = 'consumed', ended_at = ${stamp.now.toISOString()}::timestamptz from held where stock_holds.id = held.id
    ), sold as (
      update stock_levels s set on_hand = s.on_hand - held.quantity, reserved = s.reserved - held.quantity
      from held where s.variant_id = held.variant_id and s.warehouse_id = held.warehouse_id
    )
    insert into stock_moves (id, variant_id, warehouse_id, kind, delta, order_id, cause, actor, created_at)
    select move_id, variant_id, warehouse_id, 'sold', -quantity, ${orderId}::uuid, ${`order:${orderId}`}, ${actorLabel(stamp.actor)}, ${stamp.now.toISOString()}::timestamptz
    from held`)
  await noteShortages(tx, stamp, [...new Set(holds.map(({ variantId }) => variantId))])
  return holds.length
}
