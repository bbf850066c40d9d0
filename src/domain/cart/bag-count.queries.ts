import { sql } from 'drizzle-orm'
import type { Actor } from '../../lib/actor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { ownActiveCart } from './cart.queries.ts'

/** How many pieces are in the visitor's bag, for the badge; 0 for a visitor without one. */
export async function bagCount(db: DbOrTx, actor: Actor): Promise<number> {
  const own = ownActiveCart(actor)
  if (own === undefined) return 0
  const [row] = await db.execute<{ pieces: number }>(sql`
    select coalesce(sum(l.quantity), 0)::int as pieces from carts c join cart_lines l on l.cart_id = c.id where ${own}`)
  return row?.pieces ?? 0
}
