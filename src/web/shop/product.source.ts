import type { Context } from '../../context.ts'
import { listProducts, type ProductCard, productBySlug, type ProductView } from '../../domain/catalog/product.queries.ts'
import { listReviews, type RatingRow, ratingOf } from '../../domain/reviews/review.queries.ts'
import type { ReviewRow } from '../../domain/reviews/write-review.ts'
import { allCountyDeliveries, type CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import { shopWindow } from '../shop-window.ts'

/** A product with what is shown beside it. */
export interface ShownProduct {
  readonly product: ProductView
  readonly related: readonly ProductCard[]
  /** What buyers say of it: the sum, and the newest few. */
  readonly rating: RatingRow | null
  readonly reviews: readonly ReviewRow[]
}

/** A product for its page, read again only when it or what is shown beside it has changed. */
export const shownProduct = (context: Context, slug: string): Promise<ShownProduct | undefined> =>
  shopWindow(context).remember(
    `product:${slug}`,
    // That there is none may end with any change.
    (shown) => (shown === undefined ? undefined : [shown.product.id, ...shown.related.map(({ id }) => id)]),
    async () => {
      const product = await productBySlug(context.db, slug)
      if (product === undefined) return undefined
      const [shelf, rated, reviews] = await Promise.all([
        listProducts(context.db, { category: product.category, inStock: true, limit: 5 }),
        ratingOf(context.db, slug),
        listReviews(context.db, { productId: product.id, state: 'published', cursor: undefined, limit: 5 }),
      ])
      return {
        product,
        rating: rated?.rating ?? null,
        reviews: reviews.items,
        related: shelf.items.filter(({ id }) => id !== product.id).slice(0, 4),
      }
    },
  )

/** Every county with its fee, read again only when the shop has changed. */
export const countyFees = (context: Context): Promise<CountyDelivery[]> =>
  shopWindow(context).remember('counties', undefined, () => allCountyDeliveries(context.db))
