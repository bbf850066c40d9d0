import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { ownActiveCart } from './cart.queries.ts'

/**
 * Changes the quantity or the selection of a line of the visitor's own bag; a quantity of 0 takes it out. A line of somebody
 * else's bag is simply not found. Refuses with not_found, out_of_stock.
 */
export async function changeLine(
  context: Context,
  actor: Actor,
  lineId: string,
  change: { quantity?: number | undefined; isSelected?: boolean | undefined },
): Promise<void> {
  const own = ownActiveCart(actor)
  if (own === undefined || !isUuid(lineId)) throw new Refusal('not_found')
  const mine = sql`l.id = ${lineId}::uuid and l.cart_id = (select c.id from carts c where ${own})`
  if (change.quantity === 0) {
    const removed = await context.db.execute(sql`delete from cart_lines l where ${mine} returning l.id`)
    if (removed.length === 0) throw new Refusal('not_found')
    return
  }
  const wanted = change.quantity ?? null
  const [line] = await context.db.execute<{ available: number; changed: boolean }>(sql`
    with line as (
      select l.id, (select coalesce(sum(s.on_hand - s.reserved), 0)::int from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = l.variant_id) as available
      from cart_lines l where ${mine}
    ), changed as (
      update cart_lines l set quantity = coalesce(${wanted}::int, l.quantity), is_selected = coalesce(${change.isSelected ?? null}::boolean, l.is_selected),
        price_seen_minor = (select v.price_minor from variants v where v.id = l.variant_id)
      from line where l.id = line.id and (${wanted}::int is null or ${wanted}::int <= line.available)
      returning l.id
    )
    select line.available, exists (select 1 from changed) as changed from line`)
  if (line === undefined) throw new Refusal('not_found')
  if (!line.changed)
    throw new Refusal('out_of_stock', {
      detail: line.available === 0 ? 'This is sold out.' : `Only ${line.available} left.`,
      extra: { available: line.available },
    })
}
