import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { Actor } from '../../../lib/actor.ts'
import { isUuid } from '../../../lib/ids.ts'
import { parsePhone } from '../../../lib/phone.ts'
import { Refusal } from '../../../lib/refusal.ts'

/** What somebody leaves behind at a sold-out size. */
export interface WantBack {
  readonly variantId: string
  readonly email?: string | undefined
  readonly phone?: string | undefined
}

/**
 * Keeps the wish to hear when a sold-out variant is back; the same wish twice is one. Somebody signed in may leave the address out and is
 * told by what the account knows. False when the variant is there already: nothing is kept, the shopper should simply buy.
 * Refuses with variant_unavailable, phone_invalid, invalid_input (neither e-mail nor phone).
 */
export async function wantBack(context: Context, actor: Actor, wish: WantBack): Promise<boolean> {
  if (!isUuid(wish.variantId)) throw new Refusal('variant_unavailable')
  const phone = wish.phone === undefined ? undefined : parsePhone(wish.phone)
  if (wish.phone !== undefined && phone === undefined) throw new Refusal('phone_invalid')
  const accountId = actor.kind === 'person' ? actor.accountId : null
  return await context.db.transaction(async (tx) => {
    const [variant] = await tx.execute<{ free: number }>(sql`
      select coalesce((select sum(s.on_hand - s.reserved) from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = v.id), 0)::int as free
      from variants v join products p on p.id = v.product_id join vendors d on d.id = p.vendor_id and d.status = 'approved'
      where v.id = ${wish.variantId}::uuid and v.status = 'active' and p.status = 'active'`)
    if (variant === undefined) throw new Refusal('variant_unavailable')
    if (variant.free > 0) return false
    const [known] = await tx.execute<{ email: string | null; phone: string | null }>(
      sql`select email, phone from accounts where id = ${accountId}::uuid`,
    )
    const contact = {
      phone: phone ?? (wish.email === undefined ? (known?.phone ?? undefined) : undefined),
      email: wish.email?.trim().toLowerCase() ?? (phone === undefined ? (known?.email?.toLowerCase() ?? undefined) : undefined),
    }
    if (contact.phone === undefined && contact.email === undefined)
      throw new Refusal('invalid_input', { detail: 'Leave an e-mail address or a phone number, so that we can tell you.' })
    // One of the two is enough to be told once; the phone is nearer.
    const email = contact.phone === undefined ? (contact.email ?? null) : null
    await tx.execute(sql`
      insert into stock_alerts (id, variant_id, account_id, email, phone, created_at)
      values (${context.ids.next()}::uuid, ${wish.variantId}::uuid, ${accountId}::uuid, ${email}, ${contact.phone ?? null}, ${context.clock.now().toISOString()}::timestamptz)
      on conflict do nothing`)
    return true
  })
}
