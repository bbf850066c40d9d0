import { sql } from 'drizzle-orm'
import type { Db } from '../../platform/db.ts'
import { shelfIndex } from './facets/shelf.index.ts'
import { countFacets, type Facets } from './facets/facet.count.ts'
import { productConditions, type ProductFilter } from './product.filter.ts'
import { foundBy, type Understood, understandSearch } from './search/search.queries.ts'

export type { Facets, FacetValue } from './facets/facet.count.ts'

/**
 * What a list can be narrowed by, with the number of products behind each value. At most three statements: what changed, what the
 * search words mean, which products they find; the counting itself is done in memory.
 */
export async function listFacets(db: Db, filter: Omit<ProductFilter, 'sort' | 'cursor' | 'limit'>): Promise<Facets> {
  const { category, vendor, collection, sizes, colours, minPriceMinor, maxPriceMinor, inStock } = filter
  const q = filter.q?.trim() ?? ''
  const choice = { category, vendor, sizes, colours, minPriceMinor, maxPriceMinor, inStock }
  const question = JSON.stringify([
    q,
    collection,
    category,
    vendor,
    [...(sizes ?? [])].sort(),
    [...(colours ?? [])].sort(),
    minPriceMinor,
    maxPriceMinor,
    inStock,
  ])
  if (q === '' && collection === undefined) return await shelfIndex(db).facets(question, choice)
  const understood = q === '' ? undefined : await understandSearch(db, q)
  if (understood?.kind === 'nothing') return countFacets([], {})
  return await shelfIndex(db).facets(question, choice, () => foundIds(db, understood, collection))
}

async function foundIds(db: Db, understood: Understood | undefined, collection: string | undefined): Promise<string[]> {
  const where = [...productConditions({ collection }), ...(understood === undefined ? [] : [foundBy(understood)])]
  const [row] = await db.execute<{ ids: string | null }>(sql`
    select string_agg(p.id::text, ',') as ids from products p where ${sql.join(where, sql` and `)}`)
  return row?.ids?.split(',') ?? []
}
