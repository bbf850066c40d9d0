import { type SQL, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid } from '../../lib/ids.ts'
import { cardMembers, type ProductCard, readCard } from './product.card.ts'
import { productConditions, type ProductFilter, type ProductSort, variantFilter } from './product.filter.ts'
import type { SizeGuideRow } from './product.table.ts'
import { foundBy, foundByName, isHardToEstimate, type Understood, understandSearch } from './search/search.queries.ts'

export type { PictureView, ProductCard, VariantView } from './product.card.ts'
export type { ProductFilter } from './product.filter.ts'

/** A product on its own page. */
export interface ProductView extends ProductCard {
  description: string
  categoryName: string
  vendorSlug: string
  vatClass: string
  attributes: Record<string, string>
  sizeGuide: SizeGuideRow[]
  /** Of published reviews; null without any. */
  rating: { average: number; count: number; fit: { small: number; true: number; large: number } } | null
}

/** One page of a list as JSON text in the shape of the API. */
export interface WrittenPage {
  readonly cards: readonly string[]
  readonly nextCursor: string | null
}

interface ListedRow extends Record<string, unknown> {
  id: string
  tier: number
  published: string
  least_minor: string
  card: string
}

/** One page of active products with all their variants, for pages. */
export async function listProducts(db: DbOrTx, filter: ProductFilter): Promise<{ items: ProductCard[]; nextCursor: string | null }> {
  const { cards, nextCursor } = await writeProducts(db, filter)
  return { items: cards.map(readCard), nextCursor }
}

/**
 * One page of active products with all their variants, in one statement (a search needs one more, for its words), written as JSON
 * by the database: it has the rows at hand, and nothing needs to be taken apart and put together again on the way out.
 * Keyset paging: the cursor holds the sort values of the last row. An unreadable cursor starts from the top.
 */
export async function writeProducts(db: DbOrTx, filter: ProductFilter): Promise<WrittenPage> {
  const understood = isSearch(filter) ? await understandSearch(db, filter.q ?? '') : undefined
  if (understood?.kind === 'nothing') return { cards: [], nextCursor: null }
  const sort = sortOf(filter, understood)
  const rows = await db.execute<ListedRow>(sql`
    select p.id, p.tier, to_char(p.published_at at time zone 'UTC', ${instant}) as published, p.least_minor, '{' || ${cardMembers(2)} || '}' as card
    from (${chosenProducts(filter, understood, sort)}) p join categories c on c.id = p.category_id join vendors d on d.id = p.vendor_id
    order by ${orderOf[sort]}`)
  const kept = rows.slice(0, filter.limit)
  const last = kept.at(-1)
  return {
    cards: kept.map((row) => row.card),
    nextCursor: rows.length > filter.limit && last !== undefined ? encodeCursor(cursorOf[sort](last)) : null,
  }
}

const isSearch = (filter: Pick<ProductFilter, 'q'>): boolean => filter.q !== undefined && filter.q.trim() !== ''
const sortOf = (filter: ProductFilter, understood: Understood | undefined): ProductSort => {
  if (filter.sort !== undefined && filter.sort !== 'relevance') return filter.sort
  return understood?.kind === 'words' ? 'relevance' : 'newest'
}

const instant = sql.raw(`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`)
const orderOf: Record<ProductSort, SQL> = {
  relevance: sql`p.tier, p.published_at desc, p.id desc`,
  newest: sql`p.published_at desc, p.id desc`,
  price: sql`p.least_minor, p.id`,
  '-price': sql`p.least_minor desc, p.id desc`,
}
/** The same orders, not by an index, for searches of which the planner cannot tell how much they find. */
const unindexedOrderOf: Record<ProductSort, SQL> = {
  relevance: sql`p.published_at + interval '0' desc, p.id desc`,
  newest: sql`p.published_at + interval '0' desc, p.id desc`,
  price: sql`p.least_minor + 0, p.id`,
  '-price': sql`p.least_minor + 0 desc, p.id desc`,
}
const cursorOf: Record<ProductSort, (row: ListedRow) => (string | number)[]> = {
  relevance: (row) => [row.tier, row.published, row.id],
  newest: (row) => [row.published, row.id],
  price: (row) => [Number(row.least_minor), row.id],
  '-price': (row) => [Number(row.least_minor), row.id],
}

/** The narrow rows of one page, before anything is fetched for them. */
function chosenProducts(filter: ProductFilter, understood: Understood | undefined, sort: ProductSort): SQL {
  const where = [...productConditions(filter), sql`p.least_minor is not null`, sql`d.status = 'approved'`]
  const variantWhere = variantFilter(filter)
  if (variantWhere !== undefined)
    where.push(sql`exists (select 1 from variants f where f.product_id = p.id and f.status = 'active' and ${variantWhere})`)
  const isUntold = understood?.kind === 'words' && isHardToEstimate(understood)
  const rows = (tier: number, conditions: readonly SQL[]): SQL => sql`
    select p.id, p.slug, p.name, p.category_id, p.vendor_id, p.published_at, p.created_at, p.least_minor, ${sql.raw(String(tier))} as tier
    from products p join vendors d on d.id = p.vendor_id
    where ${sql.join([...where, ...conditions], sql` and `)}
    order by ${isUntold ? unindexedOrderOf[sort] : sort === 'relevance' ? orderOf.newest : orderOf[sort]} limit ${filter.limit + 1}`

  if (sort === 'relevance' && understood?.kind === 'words') {
    // What is called so comes before what is only described so. The second half is not begun when the first fills the page.
    const after = readCursor(filter.cursor, 'relevance')
    const [tier = 0, published = '', id = ''] = after ?? []
    const beyond = sql`(p.published_at, p.id) < (${String(published)}::timestamptz, ${String(id)}::uuid)`
    const byName = foundByName(understood.query)
    const inText = [foundBy(understood), sql`not (${byName})`]
    if (tier === 2) return rows(2, [...inText, beyond])
    return sql`select * from (
      (${rows(1, [byName, ...(tier === 1 ? [beyond] : [])])}) union all (${rows(2, inText)})
    ) p limit ${filter.limit + 1}`
  }
  const found = understood === undefined ? [] : [foundBy(understood)]
  const after = readCursor(filter.cursor, sort)
  if (after === undefined) return rows(0, found)
  const id = sql`${String(after[1])}::uuid`
  if (sort === 'price') return rows(0, [...found, sql`(p.least_minor, p.id) > (${Number(after[0])}::bigint, ${id})`])
  if (sort === '-price') return rows(0, [...found, sql`(p.least_minor, p.id) < (${Number(after[0])}::bigint, ${id})`])
  return rows(0, [...found, sql`(p.published_at, p.id) < (${String(after[0])}::timestamptz, ${id})`])
}

/** The values of a cursor that fits a sort; undefined for any other text, which starts the list from the top. */
function readCursor(cursor: string | undefined, sort: ProductSort): (string | number)[] | undefined {
  const values = cursor === undefined ? undefined : decodeCursor(cursor, sort === 'relevance' ? 3 : 2)
  if (values === undefined || !isUuid(String(values.at(-1)))) return undefined
  const at = values.at(-2)
  const fits = sort === 'price' || sort === '-price' ? Number.isSafeInteger(at) : isInstant(at)
  return fits && (sort !== 'relevance' || values[0] === 1 || values[0] === 2) ? values : undefined
}

const isInstant = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value))

/** One active product with its variants and pictures as JSON text in the shape of the API, or undefined. One statement. */
export async function writeProduct(db: DbOrTx, slug: string): Promise<string | undefined> {
  const [row] = await db.execute<{ product: string }>(sql`
    select '{' || ${cardMembers(40)} || ',"description":' || to_json(p.description) || ',"categoryName":' || to_json(c.name) || ',"vendorSlug":' || to_json(d.slug)
      || ',"vatClass":' || to_json(p.vat_class) || ',"attributes":' || p.attributes || ',"sizeGuide":' || p.size_guide || ',"rating":' || coalesce((
        select json_build_object('average', round(r.stars::numeric / r.count, 1), 'count', r.count, 'fit', json_build_object('small', r.fit_small, 'true', r.fit_true, 'large', r.fit_large))::text
        from product_ratings r where r.product_id = p.id and r.count > 0), 'null') || '}' as product
    from products p join categories c on c.id = p.category_id join vendors d on d.id = p.vendor_id and d.status = 'approved'
    where p.slug = ${slug} and p.status = 'active'`)
  return row?.product
}

/** One active product with its variants and pictures, for pages, or undefined. */
export async function productBySlug(db: DbOrTx, slug: string): Promise<ProductView | undefined> {
  const text = await writeProduct(db, slug)
  return text === undefined ? undefined : (readCard(text) as ProductView & Record<string, unknown>)
}

/** Cards of certain products as JSON text, in the order of the ids; what is not on sale is left out. */
export async function writeCards(db: DbOrTx, ids: readonly string[]): Promise<string[]> {
  const rows = await db.execute<{ card: string }>(sql`
    select '{' || ${cardMembers(2)} || '}' as card
    from unnest(${sql.param([...ids])}::uuid[]) with ordinality k(id, at) join products p on p.id = k.id and p.status = 'active' and p.least_minor is not null
    join categories c on c.id = p.category_id join vendors d on d.id = p.vendor_id and d.status = 'approved'
    order by k.at`)
  return rows.map((row) => row.card)
}

/** A category as menus show it. */
export interface CategoryView {
  slug: string
  parent: string | null
  name: string
  nameSw: string
  saying: string
  motif: string
  products: number
}

/** The whole category tree with the number of active products in each, in menu order. */
export async function listCategories(db: DbOrTx): Promise<CategoryView[]> {
  const rows = await db.execute<{
    slug: string
    parent: string | null
    name: string
    name_sw: string
    saying: string
    motif: string
    products: number
  }>(sql`
    select c.slug, up.slug as parent, c.name, c.name_sw, c.saying, c.motif,
      (select count(*)::int from products p where p.status = 'active' and (p.category_id = c.id or p.category_id in (select k.id from categories k where k.parent_id = c.id))) as products
    from categories c left join categories up on up.id = c.parent_id order by coalesce(up.position, c.position), up.id nulls first, c.position`)
  return rows.map((row) => ({
    slug: row.slug,
    parent: row.parent,
    name: row.name,
    nameSw: row.name_sw,
    saying: row.saying,
    motif: row.motif,
    products: row.products,
  }))
}
