import { type SQL, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid } from '../../lib/ids.ts'
import type { SizeGuideRow } from './product.table.ts'

/** A picture as pages and the API show it. */
export interface PictureView {
  path: string
  alt: string
  colour: string | null
  width: number
  height: number
  dominantHex: string
}

/** A size and colour that can be bought. `available` is what is free over all warehouses, advisory until checkout holds it. */
export interface VariantView {
  id: string
  sku: string
  size: string
  colour: string
  colourHex: string
  priceMinor: number
  compareAtMinor: number | null
  available: number
}

/** A product in a list. */
export interface ProductCard {
  id: string
  slug: string
  name: string
  category: string
  vendor: string
  publishedAt: Date
  variants: VariantView[]
  pictures: PictureView[]
}

/** A product on its own page. */
export interface ProductView extends ProductCard {
  description: string
  categoryName: string
  vendorSlug: string
  vatClass: string
  sizeGuide: SizeGuideRow[]
}

/** What a list can be narrowed by. All optional; several sizes or colours mean any of them. */
export interface ProductFilter {
  category?: string | undefined
  vendor?: string | undefined
  q?: string | undefined
  sizes?: readonly string[] | undefined
  colours?: readonly string[] | undefined
  maxPriceMinor?: number | undefined
  inStock?: boolean | undefined
  sort?: 'newest' | 'price' | '-price' | undefined
  cursor?: string | undefined
  limit: number
}

interface ProductRow extends Record<string, unknown> {
  id: string
  slug: string
  name: string
  category: string
  vendor: string
  published_at: string
  least_minor: string
  variants: VariantView[] | null
  pictures: PictureView[] | null
}

const variantsOf = sql`(
  select json_agg(json_build_object('id', v.id, 'sku', v.sku, 'size', v.size, 'colour', v.colour, 'colourHex', v.colour_hex,
    'priceMinor', v.price_minor, 'compareAtMinor', v.compare_at_minor,
    'available', coalesce((select sum(s.on_hand - s.reserved) from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = v.id), 0)) order by v.position)
  from variants v where v.product_id = p.id and v.status = 'active')`

const picturesOf = (limit: number) => sql`(
  select json_agg(json_build_object('path', x.path, 'alt', x.alt, 'colour', x.colour, 'width', x.width, 'height', x.height, 'dominantHex', x.dominant_hex) order by x.position)
  from (select * from product_pictures where product_id = p.id order by position limit ${limit}) x)`

/**
 * One page of active products with all their variants, in one statement. Keyset paging: the cursor holds the sort values of the
 * last row. An unreadable cursor starts from the top; any search text is only ever a parameter.
 */
export async function listProducts(db: DbOrTx, filter: ProductFilter): Promise<{ items: ProductCard[]; nextCursor: string | null }> {
  const sort = filter.sort ?? 'newest'
  const where = productConditions(filter)
  const variantWhere = variantFilter(filter)
  if (variantWhere !== undefined)
    where.push(sql`exists (select 1 from variants f where f.product_id = p.id and f.status = 'active' and ${variantWhere})`)
  const least = sql`(select min(m.price_minor) from variants m where m.product_id = p.id and m.status = 'active')`
  where.push(sql`${least} is not null`)

  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  if (after !== undefined && isUuid(String(after[1])) && isSortValue(sort, after[0])) {
    const id = sql`${String(after[1])}::uuid`
    if (sort === 'newest') where.push(sql`(p.published_at, p.id) < (${String(after[0])}::timestamptz, ${id})`)
    else if (sort === 'price') where.push(sql`(${least}, p.id) > (${Number(after[0])}::bigint, ${id})`)
    else where.push(sql`(${least}, p.id) < (${Number(after[0])}::bigint, ${id})`)
  }
  const order = { newest: sql`p.published_at desc, p.id desc`, price: sql`least_minor, p.id`, '-price': sql`least_minor desc, p.id desc` }[
    sort
  ]

  const rows = await db.execute<ProductRow>(sql`
    select p.id, p.slug, p.name, c.slug as category, d.name as vendor, p.published_at, ${least} as least_minor, ${variantsOf} as variants, ${picturesOf(2)} as pictures
    from products p join categories c on c.id = p.category_id join vendors d on d.id = p.vendor_id and d.status = 'approved'
    where ${sql.join(where, sql` and `)}
    order by ${order} limit ${filter.limit + 1}`)
  const items = rows.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items: items.map(cardOf),
    nextCursor:
      rows.length > filter.limit && last !== undefined
        ? encodeCursor([sort === 'newest' ? new Date(last.published_at).toISOString() : Number(last.least_minor), last.id])
        : null,
  }
}

/** One active product with its variants and pictures, or undefined. */
export async function productBySlug(db: DbOrTx, slug: string): Promise<ProductView | undefined> {
  const [row] = await db.execute<
    ProductRow & { description: string; category_name: string; vendor_slug: string; vat_class: string; size_guide: SizeGuideRow[] }
  >(sql`
    select p.id, p.slug, p.name, p.description, p.vat_class, p.size_guide, c.slug as category, c.name as category_name, d.name as vendor, d.slug as vendor_slug,
      p.published_at, 0 as least_minor, ${variantsOf} as variants, ${picturesOf(20)} as pictures
    from products p join categories c on c.id = p.category_id join vendors d on d.id = p.vendor_id and d.status = 'approved'
    where p.slug = ${slug} and p.status = 'active'`)
  if (row === undefined) return undefined
  return {
    ...cardOf(row),
    description: row.description,
    categoryName: row.category_name,
    vendorSlug: row.vendor_slug,
    vatClass: row.vat_class,
    sizeGuide: row.size_guide,
  }
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

/** What makes a product (`p`, of vendor `d`) one of a shelf, a vendor's or a search; sizes, colours and prices are asked of variants. */
export function productConditions(filter: Pick<ProductFilter, 'category' | 'vendor' | 'q'>): SQL[] {
  const where: SQL[] = [sql`p.status = 'active'`]
  if (filter.category !== undefined)
    where.push(
      sql`p.category_id in (select c.id from categories c left join categories up on up.id = c.parent_id where c.slug = ${filter.category} or up.slug = ${filter.category})`,
    )
  if (filter.vendor !== undefined) where.push(sql`d.slug = ${filter.vendor}`)
  if (filter.q !== undefined && filter.q.trim() !== '') where.push(matches(filter.q.trim()))
  return where
}

// Words by full text, and the name by trigram similarity, so that one wrong letter still finds.
const matches = (q: string): SQL => {
  const text = q.slice(0, 100)
  return sql`(p.search @@ websearch_to_tsquery('simple', ${text}) or p.search @@ websearch_to_tsquery('english', ${text}) or ${text} <% p.name)`
}

/** What a variant (`f`) must be to count for a filter; undefined when any will do. */
export function variantFilter(filter: Pick<ProductFilter, 'sizes' | 'colours' | 'maxPriceMinor' | 'inStock'>): SQL | undefined {
  const parts: SQL[] = []
  if (filter.sizes !== undefined && filter.sizes.length > 0) parts.push(sql`f.size = any(${sql.param([...filter.sizes])}::text[])`)
  if (filter.colours !== undefined && filter.colours.length > 0) parts.push(sql`f.colour = any(${sql.param([...filter.colours])}::text[])`)
  if (filter.maxPriceMinor !== undefined) parts.push(sql`f.price_minor <= ${filter.maxPriceMinor}::bigint`)
  if (filter.inStock === true) parts.push(sql`exists (select 1 from stock_levels s where s.variant_id = f.id and s.on_hand > s.reserved)`)
  return parts.length === 0 ? undefined : sql.join(parts, sql` and `)
}

const isSortValue = (sort: string, value: string | number | undefined): boolean =>
  sort === 'newest'
    ? typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value))
    : Number.isSafeInteger(value)

const cardOf = (row: ProductRow): ProductCard => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  category: row.category,
  vendor: row.vendor,
  publishedAt: new Date(row.published_at),
  variants: row.variants ?? [],
  pictures: row.pictures ?? [],
})
