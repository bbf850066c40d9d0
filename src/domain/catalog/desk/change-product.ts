import { and, eq } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { products } from '../product.table.ts'
import { categoryOf } from './create-product.ts'
import { type ProductInput, sizeGuideOf } from './product.input.ts'

/** Changes what is said of a vendor's product; what is left out stays. A step. Refuses with not_found, invalid_input. */
export async function changeProduct(
  tx: Tx,
  stamp: Stamp,
  { vendorId, productId }: { readonly vendorId: string; readonly productId: string },
  change: { readonly [Name in keyof ProductInput]?: ProductInput[Name] | undefined },
): Promise<void> {
  const { category, attributes, sizeGuide, ...plain } = change
  const set = {
    ...Object.fromEntries(Object.entries(plain).flatMap(([name, value]) => (value === undefined ? [] : [[name, value.trim()]]))),
    ...(attributes === undefined ? {} : { attributes: { ...attributes } }),
    ...(sizeGuide === undefined ? {} : { sizeGuide: sizeGuideOf(sizeGuide) }),
    ...(category === undefined ? {} : { categoryId: await categoryOf(tx, category) }),
    updatedAt: stamp.now,
  }
  const changed = await tx
    .update(products)
    .set(set)
    .where(and(eq(products.id, productId), eq(products.vendorId, vendorId)))
    .returning({ id: products.id })
  if (changed.length === 0) throw new Refusal('not_found')
  await audit(tx, stamp, { action: 'product.changed', target: productId, data: { members: Object.keys(change) } })
}
