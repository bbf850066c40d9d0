import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { type ProductFilter, productConditions, variantFilter } from './product.queries.ts'

/** A value a list can be narrowed by, and how many products would be left. */
export interface FacetValue {
  value: string
  /** Of a colour; null for a size. */
  hex: string | null
  products: number
}

/** What a list can be narrowed by, and how long it is now. */
export interface Facets {
  products: number
  sizes: FacetValue[]
  colours: FacetValue[]
}

const clothesOrder = ['XXS', 'XS', 'S', 'M', 'L', 'XL', 'XXL', 'XXXL']

/** Sizes as a rail in a shop: letters from small to large, then numbers, then words. */
export function compareSizes(a: string, b: string): number {
  const rank = (size: string): number => {
    const letter = clothesOrder.indexOf(size.toUpperCase())
    if (letter >= 0) return letter
    const number = Number.parseFloat(size)
    return Number.isNaN(number) ? 10_000 : 100 + number
  }
  return rank(a) - rank(b) || a.localeCompare(b, 'en')
}

/**
 * The sizes and colours of a list with the number of products behind each. Values of one kind widen (M or L), kinds narrow each
 * other, so the sizes are counted under the chosen colours and the other way round.
 */
export async function listFacets(db: DbOrTx, filter: Omit<ProductFilter, 'sort' | 'cursor' | 'limit'>): Promise<Facets> {
  const under = (part: Parameters<typeof variantFilter>[0]) =>
    variantFilter({ maxPriceMinor: filter.maxPriceMinor, inStock: filter.inStock, ...part }) ?? sql`true`
  const rows = await db.execute<{ kind: 'all' | 'size' | 'colour'; value: string; hex: string | null; products: number }>(sql`
    with f as (
      select f.id, f.product_id, f.size, f.colour, f.colour_hex, f.price_minor
      from variants f join products p on p.id = f.product_id join vendors d on d.id = p.vendor_id and d.status = 'approved'
      where f.status = 'active' and ${sql.join(productConditions(filter), sql` and `)}
    )
    select 'all' as kind, '' as value, null as hex, count(distinct f.product_id)::int as products from f where ${under({ sizes: filter.sizes, colours: filter.colours })}
    union all
    select 'size', f.size, null, count(distinct f.product_id)::int from f where ${under({ colours: filter.colours })} group by f.size
    union all
    select 'colour', f.colour, min(f.colour_hex), count(distinct f.product_id)::int from f where ${under({ sizes: filter.sizes })} group by f.colour`)
  const of = (kind: string): FacetValue[] =>
    rows.filter((row) => row.kind === kind).map(({ value, hex, products }) => ({ value, hex, products }))
  return {
    products: of('all')[0]?.products ?? 0,
    sizes: of('size').sort((a, b) => compareSizes(a.value, b.value)),
    colours: of('colour').sort((a, b) => b.products - a.products || a.value.localeCompare(b.value, 'en')),
  }
}
