import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { products } from '../catalog/product.table.ts'
import { mostWishes } from './wishlist.queries.ts'
import { wishlistItems } from './wishlist.table.ts'

/**
 * Puts a product on one's wishlist or takes it off; either twice is the same as once. Refuses with not_found for a product that is not
 * sold, invalid_input for a list that is full.
 */
export async function changeWishlist(context: Context, actor: PersonActor, productId: string, isWished: boolean): Promise<void> {
  if (!isUuid(productId)) throw new Refusal('not_found')
  const { db } = context
  if (!isWished) {
    await db.delete(wishlistItems).where(and(eq(wishlistItems.accountId, actor.accountId), eq(wishlistItems.productId, productId)))
    return
  }
  const [product] = await db
    .select({
      id: products.id,
      wishes: sql<number>`(select count(*)::int from ${wishlistItems} w where w.account_id = ${actor.accountId}::uuid)`,
    })
    .from(products)
    .where(and(eq(products.id, productId), eq(products.status, 'active')))
  if (product === undefined) throw new Refusal('not_found')
  if (product.wishes >= mostWishes) throw new Refusal('invalid_input', { detail: `A wishlist holds at most ${mostWishes} things.` })
  await db.insert(wishlistItems).values({ accountId: actor.accountId, productId, createdAt: context.clock.now() }).onConflictDoNothing()
}
