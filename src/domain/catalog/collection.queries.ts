import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** A collection on show. */
export interface CollectionView {
  slug: string
  name: string
  nameSw: string
  story: string
  products: number
}

/** Every collection on show with the number of its products on sale, in order. */
export async function listCollections(db: DbOrTx): Promise<CollectionView[]> {
  const rows = await db.execute<{ slug: string; name: string; name_sw: string; story: string; products: number }>(sql`
    select k.slug, k.name, k.name_sw, k.story,
      (select count(*)::int from collection_products x join products p on p.id = x.product_id and p.status = 'active' where x.collection_id = k.id) as products
    from collections k where k.status = 'active' order by k.position, k.slug`)
  return rows.map(({ name_sw, ...row }) => ({ ...row, nameSw: name_sw }))
}
