import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { openCart } from './open-cart.ts'

/** At most so many different lines in a bag (design: reliability.md V2). */
const mostLines = 50

/**
 * Puts a variant into the visitor's bag, or more of it. The sum is capped by what is free, checked again by checkout. Answers the
 * new guest's cookie token, if one was made. Refuses with variant_unavailable, out_of_stock, own_listing, invalid_input.
 */
export async function addToCart(
  context: Context,
  actor: Actor,
  input: { variantId: string; quantity: number },
): Promise<{ newToken: string | undefined }> {
  if (!isUuid(input.variantId)) throw new Refusal('variant_unavailable')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  return context.db.transaction(async (tx) => {
    const cart = await openCart(tx, stamp, actor)
    const [row] = await tx.execute<{ price_minor: string; vendor_id: string; available: number; in_cart: number; lines: number }>(sql`
      select v.price_minor, p.vendor_id,
        (select coalesce(sum(s.on_hand - s.reserved), 0)::int from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = v.id) as available,
        coalesce((select quantity from cart_lines l where l.cart_id = ${cart.id}::uuid and l.variant_id = v.id), 0) as in_cart,
        (select count(*)::int from cart_lines l where l.cart_id = ${cart.id}::uuid) as lines
      from variants v join products p on p.id = v.product_id join vendors d on d.id = p.vendor_id
      where v.id = ${input.variantId}::uuid and v.status = 'active' and p.status = 'active' and d.status = 'approved'`)
    if (row === undefined) throw new Refusal('variant_unavailable')
    if (actor.kind === 'person' && actor.vendors.some((member) => member.vendorId === row.vendor_id)) throw new Refusal('own_listing')
    const quantity = row.in_cart + input.quantity
    if (quantity > 20)
      throw new Refusal('invalid_input', {
        detail: 'You can buy at most 20 of one item.',
        fields: [{ path: '/body/quantity', code: 'too_many', message: 'At most 20 of one item.' }],
      })
    if (row.in_cart === 0 && row.lines >= mostLines)
      throw new Refusal('invalid_input', { detail: `A bag holds at most ${mostLines} different items.` })
    if (quantity > row.available)
      throw new Refusal('out_of_stock', {
        detail: row.available === 0 ? 'This is sold out.' : `Only ${row.available} left.`,
        extra: { available: row.available },
      })
    await tx.execute(sql`
      insert into cart_lines (id, cart_id, variant_id, quantity, price_seen_minor, created_at)
      values (${stamp.ids.next()}::uuid, ${cart.id}::uuid, ${input.variantId}::uuid, ${input.quantity}, ${row.price_minor}::bigint, ${stamp.now.toISOString()}::timestamptz)
      on conflict (cart_id, variant_id) do update set quantity = least(20, cart_lines.quantity + excluded.quantity), is_selected = true, price_seen_minor = excluded.price_seen_minor`)
    return { newToken: cart.newToken }
  })
}
