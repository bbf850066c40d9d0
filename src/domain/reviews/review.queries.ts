import { and, desc, eq, lt, or, type SQL } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { products } from '../catalog/product.table.ts'
import { productRatings, reviews } from './review.table.ts'
import type { ReviewRow } from './write-review.ts'

/** The published reviews of a product, added up. */
export type RatingRow = typeof productRatings.$inferSelect

/** A product's stars and fit votes; undefined for a product that is not sold. One statement. */
export async function ratingOf(db: DbOrTx, slug: string): Promise<{ productId: string; rating: RatingRow | null } | undefined> {
  const [row] = await db
    .select({ productId: products.id, rating: productRatings })
    .from(products)
    .leftJoin(productRatings, eq(productRatings.productId, products.id))
    .where(and(eq(products.slug, slug), eq(products.status, 'active')))
  return row
}

/** One page of reviews, newest first: published ones of a product, or those staff ask for. */
export async function listReviews(
  db: DbOrTx,
  filter: { productId?: string | undefined; state?: string | undefined; cursor: string | undefined; limit: number },
): Promise<{ items: (ReviewRow & { productSlug: string })[]; nextCursor: string | null }> {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  const at = new Date(String(after?.[0]))
  const id = String(after?.[1])
  const where: (SQL | undefined)[] = [
    filter.productId === undefined ? undefined : eq(reviews.productId, filter.productId),
    filter.state === undefined ? undefined : eq(reviews.state, filter.state),
    after === undefined || !isUuid(id) || Number.isNaN(at.getTime())
      ? undefined
      : or(lt(reviews.createdAt, at), and(eq(reviews.createdAt, at), lt(reviews.id, id))),
  ]
  const found = await db
    .select({ row: reviews, productSlug: products.slug })
    .from(reviews)
    .innerJoin(products, eq(products.id, reviews.productId))
    .where(and(...where))
    .orderBy(desc(reviews.createdAt), desc(reviews.id))
    .limit(filter.limit + 1)
  const items = found.slice(0, filter.limit).map(({ row, productSlug }) => ({ ...row, productSlug }))
  const last = items.at(-1)
  return {
    items,
    nextCursor: found.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
  }
}
