import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { writeCards } from './product.queries.ts'

/**
 * What to look at beside a product, as cards in JSON: what its vendor chose, then its own shelf by nearest price. Two statements;
 * undefined when the product is not on sale.
 */
export async function writeRelated(db: DbOrTx, slug: string, most = 8): Promise<string[] | undefined> {
  const [row] = await db.execute<{ ids: string[] }>(sql`
    select array(
      select r.id from (
        (select x.related_id as id, 0 as kind, x.position::bigint as rank from product_relations x join products k on k.id = x.related_id and k.status = 'active'
          where x.product_id = p.id order by x.position limit ${most})
        union all
        (select k.id, 1, abs(k.least_minor - p.least_minor) from (
          select k.id, k.least_minor from products k where k.category_id = p.category_id and k.status = 'active' and k.id <> p.id and k.least_minor is not null
            and k.id not in (select x.related_id from product_relations x where x.product_id = p.id)
          order by k.published_at desc limit 60
        ) k order by 3, k.id limit ${most})
      ) r order by r.kind, r.rank, r.id limit ${most}) as ids
    from products p where p.slug = ${slug} and p.status = 'active'`)
  return row === undefined ? undefined : await writeCards(db, row.ids)
}
