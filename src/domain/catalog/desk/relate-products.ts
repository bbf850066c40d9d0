import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'

/** Says what stands beside a vendor's product, in this order; only own products can be chosen. A step. Refuses with not_found. */
export async function relateProducts(
  tx: Tx,
  stamp: Stamp,
  { vendorId, productId }: { readonly vendorId: string; readonly productId: string },
  relatedIds: readonly string[],
): Promise<void> {
  const wanted = [...new Set(relatedIds)]
  const own = await tx.execute(
    sql`select id from products where vendor_id = ${vendorId}::uuid and id = any(${sql.param([productId, ...wanted])}::uuid[])`,
  )
  if (own.length !== wanted.length + 1) throw new Refusal('not_found')
  await tx.execute(sql`delete from product_relations where product_id = ${productId}::uuid`)
  await tx.execute(sql`
    insert into product_relations (product_id, related_id, position)
    select ${productId}::uuid, k.id, k.at from unnest(${sql.param(wanted)}::uuid[]) with ordinality k(id, at)`)
  await audit(tx, stamp, { action: 'product.related', target: productId, data: { related: wanted.length } })
}
