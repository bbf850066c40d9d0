import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { collectionCovers } from '../../domain/catalog/cover.queries.ts'
import { listFacets } from '../../domain/catalog/facet.queries.ts'
import { type CategoryView, listProducts } from '../../domain/catalog/product.queries.ts'
import { suggest } from '../../domain/catalog/search/suggest.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { shopWords } from '../i18n/shop.words.ts'
import { localPath } from '../i18n/words.ts'
import { motifOf } from '../parts/kanga-border.tsx'
import { categoryName, categoryTree } from '../shelves.ts'
import { showPage } from '../show-page.ts'
import { HomePage } from './home-page.tsx'
import { pictureAt } from './card.view.ts'
import { filterOf, readWish } from './list.filter.ts'
import { ListPage } from './list-page.tsx'
import { openingPick } from './product.pick.ts'
import { countyFees, shownProduct } from './product.source.ts'
import { showProduct } from './show-product.tsx'

const slugParams = t.Object({ slug: t.String({ maxLength: 120 }) })
const pageSize = 24

/** Finding clothes. The same for everybody, so that any cache may keep it: nothing of the visitor is in these pages. */
export const shopPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .get('/', ({ request }) => home(context, request))
    .get(
      '/c/:slug',
      async ({ request, params }) => {
        const category = (await categoryTree(context)).find(({ slug }) => slug === params.slug)
        if (category === undefined) throw new Refusal('not_found')
        return list(context, request, category)
      },
      { params: slugParams },
    )
    .get('/search', ({ request }) => list(context, request, undefined))
    // For the box in the header, while somebody types; without scripts the search page itself answers.
    .get(
      '/search/suggest',
      async ({ query }) => {
        const { products, categories } = await suggest(context.db, query.q)
        const items = [
          ...categories.map((category) => ({ text: categoryName(category), href: localPath(`/c/${category.slug}`) })),
          ...products.map(({ slug, name, priceMinor }) => ({ text: name, note: formatMoney(priceMinor), href: localPath(`/p/${slug}`) })),
        ]
        return Response.json(items.slice(0, 8), { headers: { 'cache-control': 'public, max-age=60, stale-while-revalidate=600' } })
      },
      { query: t.Object({ q: t.String({ maxLength: 100 }) }) },
    )
    .get(
      '/p/:slug',
      async ({ request, params }) => {
        const shown = await shownProduct(context, params.slug)
        if (shown === undefined) throw new Refusal('not_found')
        const query = new URL(request.url).searchParams
        const pick = openingPick(shown.product, { colour: query.get('colour'), size: query.get('size') })
        return showProduct(context, request, shown, { pick }, { keep: 'shared' })
      },
      { params: slugParams },
    )

async function home(context: Context, request: Request): Promise<Response> {
  const [tree, covers, newest, cheap, counties] = await Promise.all([
    categoryTree(context),
    collectionCovers(context.db),
    listProducts(context.db, { limit: 9, inStock: true }),
    listProducts(context.db, { limit: 4, inStock: true, maxPriceMinor: 100_000 }),
    countyFees(context),
  ])
  const [first] = newest.items
  const shelf = tree.find(({ slug }) => slug === first?.category)
  const collection = tree.find(({ slug }) => slug === shelf?.parent) ?? shelf
  const leastFeeMinor = counties.reduce<bigint | undefined>(
    (least, { feeMinor }) => (least === undefined || feeMinor < least ? feeMinor : least),
    undefined,
  )
  const picture = first?.pictures[0]
  return showPage(
    context,
    request,
    {
      title: shopWords().homeTitle,
      path: '/',
      description: shopWords().homeDescription,
      motif: motifOf(collection?.motif ?? ''),
      ...(picture === undefined ? {} : { preload: { picture: pictureAt(picture), use: 'page' as const } }),
      jsonLd: {
        '@context': 'https://schema.org',
        '@type': 'OnlineStore',
        name: 'Rahim Online',
        url: context.config.publicUrl,
        areaServed: 'KE',
      },
      body: (
        <HomePage
          drop={first === undefined ? undefined : { product: first, collection }}
          collections={covers.flatMap((cover) => {
            const category = tree.find(({ slug }) => slug === cover.slug)
            return category === undefined ? [] : [{ ...cover, name: category.name, nameSw: category.nameSw }]
          })}
          newest={newest.items.slice(1)}
          cheap={cheap.items}
          leastFeeMinor={leastFeeMinor}
        />
      ),
    },
    { keep: 'shared' },
  )
}

async function list(context: Context, request: Request, category: CategoryView | undefined): Promise<Response> {
  const wish = readWish(new URL(request.url).searchParams)
  const filter = filterOf(wish, category?.slug)
  const [tree, facets, page] = await Promise.all([
    categoryTree(context),
    listFacets(context.db, filter),
    listProducts(context.db, { ...filter, limit: pageSize }),
  ])
  const instead = page.items.length === 0 ? (await listProducts(context.db, { limit: 4, inStock: true })).items : []
  const corrected = wish.q === '' ? undefined : ((await suggest(context.db, wish.q)).corrected ?? undefined)
  const parent = tree.find(({ slug }) => slug === category?.parent)
  const words = shopWords()
  const title = category === undefined ? (wish.q === '' ? words.everything : words.searchTitle(wish.q)) : categoryName(category)
  const path = category === undefined ? '/search' : `/c/${category.slug}`
  return showPage(
    context,
    request,
    {
      title,
      path,
      ...(category === undefined
        ? { query: wish.q, isPrivate: wish.q !== '' }
        : { description: words.listDescription(categoryName(category), category.products) }),
      motif: motifOf((parent ?? category)?.motif ?? ''),
      ...(category === undefined || category.saying === '' ? {} : { saying: category.saying }),
      shelf: parent?.slug ?? category?.slug ?? '',
      body: (
        <ListPage
          path={path}
          title={title}
          category={category}
          parent={parent}
          inside={tree.filter((each) => each.parent === category?.slug && category !== undefined && each.products > 0)}
          wish={wish}
          facets={facets}
          products={page.items}
          nextCursor={page.nextCursor}
          instead={instead}
          corrected={corrected}
          supportPhone={context.config.supportPhone}
        />
      ),
    },
    { keep: 'shared' },
  )
}
