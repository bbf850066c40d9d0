import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'

/** A picture as the list says it is to be. */
export interface ArrangedPicture {
  readonly id: string
  readonly alt: string
  readonly colour: string | null
}

/**
 * Makes the pictures of a vendor's product what the list says, in its order; pictures that are not in it are taken away. The files stay:
 * orders and letters that went out show them. A step. Refuses with not_found (also for a picture of another product).
 */
export async function arrangePictures(
  tx: Tx,
  stamp: Stamp,
  { vendorId, productId }: { readonly vendorId: string; readonly productId: string },
  pictures: readonly ArrangedPicture[],
): Promise<void> {
  const [product] = await tx.execute(
    sql`select id from products where id = ${productId}::uuid and vendor_id = ${vendorId}::uuid for update`,
  )
  if (product === undefined) throw new Refusal('not_found')
  const list = JSON.stringify(pictures.map((picture, position) => ({ ...picture, position })))
  const kept = await tx.execute(sql`
    update product_pictures x set alt = trim(k.alt), colour = k.colour, position = k.position
    from jsonb_to_recordset(${list}::text::jsonb) k(id uuid, alt text, colour text, position int) where x.id = k.id and x.product_id = ${productId}::uuid returning x.id`)
  if (kept.length !== new Set(pictures.map(({ id }) => id)).size) throw new Refusal('not_found')
  await tx.execute(sql`
    delete from product_pictures where product_id = ${productId}::uuid and id <> all(${sql.param(pictures.map(({ id }) => id))}::uuid[])`)
  await audit(tx, stamp, { action: 'product.pictures_arranged', target: productId, data: { pictures: pictures.length } })
}
