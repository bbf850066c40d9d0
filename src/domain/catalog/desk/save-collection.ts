import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'

/** A collection as it is to be, with what is in it, in order. */
export interface CollectionInput {
  readonly name: string
  readonly nameSw?: string | undefined
  readonly story?: string | undefined
  readonly status: string
  readonly position?: number | undefined
  readonly productIds: readonly string[]
}

/** Writes a collection under its slug, new or known, as a whole. A step. Refuses with not_found for a product that does not exist. */
export async function saveCollection(tx: Tx, stamp: Stamp, slug: string, input: CollectionInput): Promise<void> {
  const wanted = [...new Set(input.productIds)]
  const known = await tx.execute(sql`select id from products where id = any(${sql.param(wanted)}::uuid[])`)
  if (known.length !== wanted.length) throw new Refusal('not_found')
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into collections (id, slug, name, name_sw, story, status, position, created_at)
    values (${stamp.ids.next()}::uuid, ${slug}, ${input.name.trim()}, ${input.nameSw?.trim() ?? ''}, ${input.story?.trim() ?? ''}, ${input.status}, ${input.position ?? 0}, ${stamp.now.toISOString()}::timestamptz)
    on conflict (slug) do update set name = excluded.name, name_sw = excluded.name_sw, story = excluded.story, status = excluded.status, position = excluded.position
    returning id`)
  if (row === undefined) throw new Error('saveCollection: no row came back')
  await tx.execute(sql`delete from collection_products where collection_id = ${row.id}::uuid`)
  await tx.execute(sql`
    insert into collection_products (collection_id, product_id, position)
    select ${row.id}::uuid, k.id, k.at from unnest(${sql.param(wanted)}::uuid[]) with ordinality k(id, at)`)
  // Lists of a collection are kept by pages as all lists are; its products did not change, but where they are shown did.
  await tx.execute(sql`insert into catalog_changes (product_id) values (null)`)
  await audit(tx, stamp, { action: 'collection.saved', target: slug, data: { status: input.status, products: wanted.length } })
}
