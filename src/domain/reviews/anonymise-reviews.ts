import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { reviews } from './review.table.ts'

/** Takes the person out of their reviews; stars and fit go on helping others. A step. */
export async function anonymiseReviews(tx: Tx, accountId: string): Promise<void> {
  await tx.update(reviews).set({ accountId: null, authorName: 'Shopper' }).where(eq(reviews.accountId, accountId))
}
