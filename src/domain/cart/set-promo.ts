import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { findPromo } from '../promotions/promo.queries.ts'
import { parsePromoCode, promoSentences } from '../promotions/promo.rules.ts'
import { ownActiveCart } from './cart.queries.ts'

/**
 * Puts a code into the visitor's bag, or takes it out (undefined). Whether it applies is told by the bag, each time it is looked at:
 * a code for KES 2,000 waits there while the shopper still chooses. Refuses with not_found without a bag, promo_refused for a code
 * nobody made.
 */
export async function setPromo(context: Context, actor: Actor, typed: string | undefined): Promise<void> {
  const own = ownActiveCart(actor)
  if (own === undefined) throw new Refusal('not_found')
  const code = typed === undefined ? undefined : parsePromoCode(typed)
  if (typed !== undefined && (code === undefined || (await findPromo(context.db, code)) === undefined))
    throw new Refusal('promo_refused', { detail: promoSentences.promo_unknown, extra: { reason: 'promo_unknown' } })
  const changed = await context.db.execute(sql`update carts c set promo_code = ${code ?? null} where ${own} returning c.id`)
  if (changed.length === 0) throw new Refusal('not_found')
}
