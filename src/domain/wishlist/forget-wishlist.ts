import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { wishlistItems } from './wishlist.table.ts'

/** Removes what a person wanted to remember. A step. */
export async function forgetWishlist(tx: Tx, accountId: string): Promise<void> {
  await tx.delete(wishlistItems).where(eq(wishlistItems.accountId, accountId))
}
