import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import type { PictureView } from './product.queries.ts'

/** A collection with a picture of one of its newest products. */
export interface CollectionCover {
  slug: string
  picture: PictureView
}

/** The first picture of the newest product of each collection, so that the front door changes as the shop does. Collections without pictures are left out. */
export async function collectionCovers(db: DbOrTx): Promise<CollectionCover[]> {
  const rows = await db.execute<{
    slug: string
    path: string
    alt: string
    colour: string | null
    width: number
    height: number
    dominant_hex: string
    widths: number[]
  }>(sql`
    select top.slug, pic.path, pic.alt, pic.colour, pic.width, pic.height, pic.dominant_hex, pic.widths
    from categories top
    cross join lateral (
      select p.id from products p join categories c on c.id = p.category_id
      where p.status = 'active' and (c.id = top.id or c.parent_id = top.id) and exists (select 1 from product_pictures x where x.product_id = p.id)
      order by p.published_at desc, p.id limit 1
    ) newest
    cross join lateral (select * from product_pictures x where x.product_id = newest.id order by x.position limit 1) pic
    where top.parent_id is null order by top.position`)
  return rows.map(({ slug, dominant_hex, ...picture }) => ({ slug, picture: { ...picture, dominantHex: dominant_hex } }))
}
