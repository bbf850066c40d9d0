import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { productStates, type ProductStatus } from '../product.states.ts'

/**
 * Moves a vendor's product along its state table: on sale, back to draft, archived. The moment it first went on sale stays, so that
 * mending a product does not make it new. A step. Refuses with not_found, product_state (also: nothing to sell yet), conflict.
 */
export async function moveProduct(
  tx: Tx,
  stamp: Stamp,
  { vendorId, productId }: { readonly vendorId: string; readonly productId: string },
  to: ProductStatus,
): Promise<void> {
  const [product] = await tx.execute<{ status: ProductStatus; least_minor: string | null }>(
    sql`select status, least_minor from products where id = ${productId}::uuid and vendor_id = ${vendorId}::uuid for update`,
  )
  if (product === undefined) throw new Refusal('not_found')
  if (product.status === to) return
  if (!productStates.can(product.status, to)) throw new Refusal('product_state')
  if (to === 'active' && product.least_minor === null)
    throw new Refusal('product_state', { detail: 'Give the product at least one size with a price before you put it on sale.' })
  await tx.execute(sql`
    update products set status = ${to}, updated_at = ${stamp.now.toISOString()}::timestamptz,
      published_at = case when ${to} = 'active' then coalesce(published_at, ${stamp.now.toISOString()}::timestamptz) else published_at end
    where id = ${productId}::uuid`)
  await audit(tx, stamp, { action: 'product.moved', target: productId, data: { from: product.status, to } })
}
