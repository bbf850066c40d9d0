import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { openCart } from './open-cart.ts'

/** What merging did to one line of the account's bag. */
export interface MergedLine {
  readonly variantId: string
  readonly name: string
  /**
   * `added`: it was in the guest's bag only. `replaced`: the guest's quantity took the place of the account's. `fewer`: less is in
   * stock than was wanted. `sold_out`: none is; the line came over all the same, so that the shopper can see it.
   */
  readonly change: 'added' | 'replaced' | 'fewer' | 'sold_out'
  /** In the account's bag before; 0 when it was not there. */
  readonly quantityBefore: number
  readonly quantityWanted: number
  readonly quantity: number
}

/**
 * Brings a guest's bag into the account's at sign-in, by variant: the guest's quantity wins, because it is what the shopper just
 * chose, cut to what is in stock; lines only the account had stay as they are, and so does its code unless the guest typed one. The
 * guest bag is closed in the same commit, so a repeat, or a second tab at the same moment, finds nothing to merge. A bag that belongs
 * to an account is never taken, whoever holds its cookie. Answers what changed.
 */
export async function mergeCarts(context: Context, accountId: string, guestTokenHash: string): Promise<MergedLine[]> {
  const actor: Actor = { kind: 'person', accountId, sessionId: '', name: '', roles: [], vendors: [], cartTokenHash: undefined }
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  return context.db.transaction(async (tx) => {
    const [guest] = await tx.execute<{ id: string; promo_code: string | null }>(sql`
      update carts set status = 'merged', updated_at = ${stamp.now.toISOString()}::timestamptz
      where token_hash = ${guestTokenHash} and account_id is null and status = 'active' returning id, promo_code`)
    if (guest === undefined) return []
    const own = await openCart(tx, stamp, actor)
    if (guest.promo_code !== null) await tx.execute(sql`update carts set promo_code = ${guest.promo_code} where id = ${own.id}::uuid`)
    const merged = await tx.execute<{
      variant_id: string
      name: string
      before: number
      wanted: number
      quantity: number
      available: number
    }>(sql`
      with wanted as (
        select l.variant_id, l.quantity as wanted, l.is_selected, l.price_seen_minor, l.created_at, p.name,
          coalesce((select o.quantity from cart_lines o where o.cart_id = ${own.id}::uuid and o.variant_id = l.variant_id), 0) as before,
          (select coalesce(sum(s.on_hand - s.reserved), 0)::int from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = l.variant_id) as available
        from cart_lines l join variants v on v.id = l.variant_id join products p on p.id = v.product_id where l.cart_id = ${guest.id}::uuid
      ), moved as (
        insert into cart_lines (id, cart_id, variant_id, quantity, is_selected, price_seen_minor, created_at)
        select gen_random_uuid(), ${own.id}::uuid, variant_id, greatest(1, least(wanted, available)), is_selected, price_seen_minor, created_at
        from wanted order by variant_id
        on conflict (cart_id, variant_id) do update set quantity = excluded.quantity, is_selected = excluded.is_selected, price_seen_minor = excluded.price_seen_minor
        returning variant_id, quantity
      )
      select w.variant_id, w.name, w.before, w.wanted, m.quantity, w.available from wanted w join moved m using (variant_id) order by w.created_at`)
    return merged.map((row) => ({
      variantId: row.variant_id,
      name: row.name,
      change: changeOf(row),
      quantityBefore: row.before,
      quantityWanted: row.wanted,
      quantity: row.quantity,
    }))
  })
}

function changeOf(row: { available: number; wanted: number; before: number }): MergedLine['change'] {
  if (row.available <= 0) return 'sold_out'
  if (row.available < row.wanted) return 'fewer'
  return row.before === 0 ? 'added' : 'replaced'
}
