import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { openCart } from './open-cart.ts'

/**
 * Brings a guest's bag into the account's at sign-in, by variant: the guest's quantity wins, because it is what the shopper just
 * chose. The guest bag is closed in the same commit, so a repeat finds nothing to merge. Answers how many lines came over.
 */
export async function mergeCarts(context: Context, accountId: string, guestTokenHash: string): Promise<number> {
  const actor: Actor = { kind: 'person', accountId, sessionId: '', name: '', roles: [], vendors: [], cartTokenHash: undefined }
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  return context.db.transaction(async (tx) => {
    const [guest] = await tx.execute<{ id: string }>(sql`
      update carts set status = 'merged', updated_at = ${stamp.now.toISOString()}::timestamptz
      where token_hash = ${guestTokenHash} and account_id is null and status = 'active' returning id`)
    if (guest === undefined) return 0
    const own = await openCart(tx, stamp, actor)
    const moved = await tx.execute(sql`
      insert into cart_lines (id, cart_id, variant_id, quantity, is_selected, price_seen_minor, created_at)
      select gen_random_uuid(), ${own.id}::uuid, l.variant_id, l.quantity, l.is_selected, l.price_seen_minor, l.created_at
      from cart_lines l where l.cart_id = ${guest.id}::uuid order by l.variant_id
      on conflict (cart_id, variant_id) do update set quantity = excluded.quantity, is_selected = excluded.is_selected
      returning id`)
    return moved.length
  })
}
