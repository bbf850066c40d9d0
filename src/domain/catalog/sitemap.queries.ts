import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** A product's page as a search engine needs it: where it is and the day it changed. */
export interface ProductPage {
  readonly slug: string
  readonly changedAt: string
}

/** Every product that can be bought or looked at, newest first; at most fifty thousand. */
export const productPages = async (db: DbOrTx): Promise<ProductPage[]> =>
  await db.execute<{ slug: string; changedAt: string }>(sql`
    select p.slug, to_char(greatest(p.updated_at, p.published_at) at time zone 'UTC', 'YYYY-MM-DD') as "changedAt"
    from products p join vendors d on d.id = p.vendor_id and d.status = 'approved'
    where p.status = 'active' and p.slug ~ '^[a-z0-9-]+$' order by p.published_at desc, p.id limit 50000`)
