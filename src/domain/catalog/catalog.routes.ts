import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { moneyView } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed } from '../../platform/http/shapes.ts'
import {
  CategoryShape,
  CollectionShape,
  FacetQuery,
  FacetsShape,
  ProductCardShape,
  ProductPage,
  ProductQuery,
  ProductShape,
  SuggestQuery,
  SuggestShape,
} from './catalog.schema.ts'
import { listCollections } from './collection.queries.ts'
import { listFacets } from './facet.queries.ts'
import { listCategories, writeProduct, writeProducts } from './product.queries.ts'
import { writeRelated } from './related.queries.ts'
import { suggest } from './search/suggest.queries.ts'

const words = (list: string | undefined): string[] | undefined =>
  list
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

const filterOf = (query: typeof FacetQuery.static) => ({
  category: query.category,
  vendor: query.vendor,
  collection: query.collection,
  q: query.q,
  sizes: words(query.size),
  colours: words(query.colour),
  minPriceMinor: query.minPrice,
  maxPriceMinor: query.maxPrice,
  inStock: query.inStock === 'true',
})

const cacheable = 'public, max-age=0, s-maxage=60, stale-while-revalidate=600'
// The bytes as the database wrote them: taking two hundred variants apart to check and join them again costs as much as reading them.
const written = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'application/json;charset=utf-8', 'cache-control': cacheable } })
const SlugParams = t.Object({ slug: t.String({ maxLength: 120 }) })

/** What the shop sells. Open to everyone and the same for everyone, so that an edge may keep it. */
export const catalogRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Catalogue'] })
    .get(
      '/products',
      async ({ query }) => {
        const { cards, nextCursor } = await writeProducts(context.db, {
          ...filterOf(query),
          sort: query.sort,
          cursor: query.cursor,
          limit: query.limit ?? 24,
        })
        return written(`{"items":[${cards.join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`)
      },
      {
        query: ProductQuery,
        response: { 200: ProductPage, ...problems() },
        detail: { operationId: 'listProducts', summary: 'Products, or what a search finds, with all their variants', security: [] },
      },
    )
    .get(
      '/products/facets',
      async ({ query, set }) => {
        set.headers['cache-control'] = cacheable
        return await listFacets(context.db, filterOf(query))
      },
      {
        query: FacetQuery,
        response: { 200: FacetsShape, ...problems() },
        detail: { operationId: 'listFacets', summary: 'What a list can be narrowed by, with counts', security: [] },
      },
    )
    .get(
      '/products/:slug',
      async ({ params }) => {
        const product = await writeProduct(context.db, params.slug)
        if (product === undefined) throw new Refusal('not_found')
        return written(product)
      },
      {
        params: SlugParams,
        response: { 200: ProductShape, ...problems('not_found') },
        detail: { operationId: 'getProduct', summary: 'One product with its variants, pictures and size guide', security: [] },
      },
    )
    .get(
      '/products/:slug/related',
      async ({ params }) => {
        const cards = await writeRelated(context.db, params.slug)
        if (cards === undefined) throw new Refusal('not_found')
        return written(`{"items":[${cards.join(',')}]}`)
      },
      {
        params: SlugParams,
        response: { 200: closed({ items: t.Array(ProductCardShape) }), ...problems('not_found') },
        detail: {
          operationId: 'listRelatedProducts',
          summary: 'What to look at beside a product',
          description: 'What its vendor chose first, then its own shelf by nearest price.',
          security: [],
        },
      },
    )
    .get(
      '/search/suggest',
      async ({ query, set }) => {
        set.headers['cache-control'] = cacheable
        const { products, ...rest } = await suggest(context.db, query.q)
        return {
          ...rest,
          products: products.map(({ priceMinor, picture, ...product }) => ({
            ...product,
            price: moneyView(BigInt(priceMinor)),
            picture: picture === null ? null : `/media/${picture}`,
          })),
        }
      },
      {
        query: SuggestQuery,
        response: { 200: SuggestShape, ...problems() },
        detail: { operationId: 'suggestSearch', summary: 'Products and categories for an unfinished search text', security: [] },
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
    .get(
      '/collections',
      async ({ set }) => {
        set.headers['cache-control'] = cacheable
        return { items: await listCollections(context.db) }
      },
      {
        response: { 200: closed({ items: t.Array(CollectionShape) }), ...problems() },
        detail: {
          operationId: 'listCollections',
          summary: 'Hand-picked collections',
          description: 'What is in one is listed by `/products?collection=`.',
          security: [],
        },
      },
    )
