import { type SQL, sql } from 'drizzle-orm'

/** What a list can be narrowed by. All optional; several sizes, colours or vendors mean any of them. */
export interface ProductFilter {
  category?: string | undefined
  vendor?: string | undefined
  collection?: string | undefined
  q?: string | undefined
  sizes?: readonly string[] | undefined
  colours?: readonly string[] | undefined
  minPriceMinor?: number | undefined
  maxPriceMinor?: number | undefined
  inStock?: boolean | undefined
  sort?: ProductSort | undefined
  cursor?: string | undefined
  limit: number
}

/** The order of a list. Relevance is for searches; without a search text it is the same as newest. */
export type ProductSort = 'relevance' | 'newest' | 'price' | '-price'

/** What makes a product (`p`, of vendor `d`) one of a shelf or a vendor's; sizes, colours and prices are asked of variants. */
export function productConditions(filter: Pick<ProductFilter, 'category' | 'vendor' | 'collection'>): SQL[] {
  const where: SQL[] = [sql`p.status = 'active'`]
  if (filter.category !== undefined)
    where.push(
      sql`p.category_id = any(array(select c.id from categories c left join categories up on up.id = c.parent_id where c.slug = ${filter.category} or up.slug = ${filter.category}))`,
    )
  if (filter.vendor !== undefined) where.push(sql`d.slug = ${filter.vendor}`)
  if (filter.collection !== undefined)
    where.push(
      sql`p.id in (select x.product_id from collection_products x join collections k on k.id = x.collection_id where k.slug = ${filter.collection} and k.status = 'active')`,
    )
  return where
}

/** What a variant (`f`) must be to count for a filter; undefined when any will do. */
export function variantFilter(
  filter: Pick<ProductFilter, 'sizes' | 'colours' | 'minPriceMinor' | 'maxPriceMinor' | 'inStock'>,
): SQL | undefined {
  const parts: SQL[] = []
  if (filter.sizes !== undefined && filter.sizes.length > 0) parts.push(sql`f.size = any(${sql.param([...filter.sizes])}::text[])`)
  if (filter.colours !== undefined && filter.colours.length > 0) parts.push(sql`f.colour = any(${sql.param([...filter.colours])}::text[])`)
  if (filter.minPriceMinor !== undefined) parts.push(sql`f.price_minor >= ${filter.minPriceMinor}::bigint`)
  if (filter.maxPriceMinor !== undefined) parts.push(sql`f.price_minor <= ${filter.maxPriceMinor}::bigint`)
  if (filter.inStock === true)
    parts.push(
      sql`exists (select 1 from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = f.id and s.on_hand > s.reserved)`,
    )
  return parts.length === 0 ? undefined : sql.join(parts, sql` and `)
}
