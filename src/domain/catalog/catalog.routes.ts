import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { moneyView } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { CategoryShape, ProductPage, ProductQuery, ProductShape } from './catalog.schema.ts'
import { listCategories, listProducts, type ProductCard, productBySlug } from './product.queries.ts'

const words = (list: string | undefined): string[] | undefined =>
  list
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

const cardView = (card: ProductCard) => ({
  id: card.id,
  slug: card.slug,
  name: card.name,
  category: card.category,
  vendor: card.vendor,
  publishedAt: card.publishedAt.toISOString(),
  variants: card.variants.map(({ priceMinor, compareAtMinor, ...variant }) => ({
    ...variant,
    price: moneyView(BigInt(priceMinor)),
    compareAt: compareAtMinor === null ? null : moneyView(BigInt(compareAtMinor)),
  })),
  pictures: card.pictures.map(({ path, ...picture }) => ({ ...picture, url: `/media/${path}` })),
})

const cacheable = 'public, max-age=0, s-maxage=60, stale-while-revalidate=600'

/** What the shop sells. Open to everyone and the same for everyone, so that an edge may keep it. */
export const catalogRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Catalogue'] })
    .get(
      '/products',
      async ({ query, set }) => {
        const { items, nextCursor } = await listProducts(context.db, {
          category: query.category,
          vendor: query.vendor,
          q: query.q,
          sizes: words(query.size),
          colours: words(query.colour),
          maxPriceMinor: query.maxPrice,
          inStock: query.inStock === 'true',
          sort: query.sort,
          cursor: query.cursor,
          limit: query.limit ?? 24,
        })
        set.headers['cache-control'] = cacheable
        return { items: items.map(cardView), nextCursor }
      },
      {
        query: ProductQuery,
        response: { 200: ProductPage, ...problems() },
        detail: { operationId: 'listProducts', summary: 'Products, newest first, with all their variants', security: [] },
      },
    )
    .get(
      '/products/:slug',
      async ({ params, set }) => {
        const product = await productBySlug(context.db, params.slug)
        if (product === undefined) throw new Refusal('not_found')
        set.headers['cache-control'] = cacheable
        return { ...cardView(product), description: product.description, vendorSlug: product.vendorSlug, sizeGuide: product.sizeGuide }
      },
      {
        params: t.Object({ slug: t.String({ maxLength: 120 }) }),
        response: { 200: ProductShape, ...problems('not_found') },
        detail: { operationId: 'getProduct', summary: 'One product with its variants, pictures and size guide', security: [] },
      },
    )
    .get(
      '/categories',
      async ({ set }) => {
        set.headers['cache-control'] = cacheable
        return { items: await listCategories(context.db) }
      },
      {
        response: { 200: t.Object({ items: t.Array(CategoryShape) }, { additionalProperties: false }), ...problems() },
        detail: { operationId: 'listCategories', summary: 'The category tree', security: [] },
      },
    )
