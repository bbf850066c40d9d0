import { eq, sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { categories, products } from '../product.table.ts'
import { type ProductInput, sizeGuideOf, type VariantInput } from './product.input.ts'
import { saveVariants } from './save-variants.ts'

/**
 * Writes a draft of a vendor with its variants. The address is made of the name and never changes afterwards, because it was sent to
 * friends. A step. Refuses with invalid_input (no such category), sku_taken.
 */
export async function createProduct(
  tx: Tx,
  stamp: Stamp,
  vendorId: string,
  input: ProductInput & { readonly variants: readonly VariantInput[] },
): Promise<{ id: string; slug: string }> {
  const id = stamp.ids.next()
  const categoryId = await categoryOf(tx, input.category)
  const slug = await freeSlug(tx, input.name, id)
  await tx.insert(products).values({
    id,
    slug,
    vendorId,
    categoryId,
    name: input.name.trim(),
    description: input.description?.trim() ?? '',
    keywords: input.keywords?.trim() ?? '',
    vatClass: input.vatClass ?? 'standard',
    attributes: { ...input.attributes },
    sizeGuide: sizeGuideOf(input.sizeGuide ?? []),
    createdAt: stamp.now,
    updatedAt: stamp.now,
  })
  if (input.variants.length > 0) await saveVariants(tx, stamp, { vendorId, productId: id }, input.variants)
  await audit(tx, stamp, { action: 'product.created', target: id, data: { slug, vendorId, variants: input.variants.length } })
  return { id, slug }
}

/** The id of a shelf by its slug. Refuses with invalid_input. */
export async function categoryOf(tx: Tx, slug: string): Promise<string> {
  const [category] = await tx.select({ id: categories.id }).from(categories).where(eq(categories.slug, slug))
  if (category === undefined)
    throw new Refusal('invalid_input', { fields: [{ path: '/body/category', code: 'unknown', message: 'Choose one of the categories.' }] })
  return category.id
}

// Addresses of the shop's own below /products.
const reserved: ReadonlySet<string> = new Set(['facets'])

async function freeSlug(tx: Tx, name: string, id: string): Promise<string> {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80)
  const [taken] = await tx.execute(sql`select 1 from products where slug = ${plain}`)
  // The end of a UUIDv7 is chance, so a second product of one name gets an address nobody has.
  return plain === '' || taken !== undefined || reserved.has(plain) ? `${plain === '' ? 'product' : plain}-${id.slice(-6)}` : plain
}
