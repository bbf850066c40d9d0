import { desc, eq, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { writeCards } from '../catalog/product.queries.ts'
import { wishlistItems } from './wishlist.table.ts'

/** Most things one account remembers. */
export const mostWishes = 200

/** An account's wishlist as JSON text of product cards, newest first; what is not sold any more is left out. */
export async function wishlistCards(db: DbOrTx, accountId: string): Promise<string[]> {
  const wished = await db
    .select({ productId: wishlistItems.productId })
    .from(wishlistItems)
    .where(eq(wishlistItems.accountId, accountId))
    .orderBy(desc(wishlistItems.createdAt), sql`${wishlistItems.productId} desc`)
    .limit(mostWishes)
  return wished.length === 0
    ? []
    : await writeCards(
        db,
        wished.map(({ productId }) => productId),
      )
}
