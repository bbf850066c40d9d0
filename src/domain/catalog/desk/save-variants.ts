import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { checkVariants, type VariantInput } from './product.input.ts'

/**
 * Makes the variants of a vendor's product what the list says, in its order: known sizes and colours are changed, new ones added, the
 * others taken off sale (never removed: orders name them). Bags keep the price that was seen and tell the change. A step.
 * Refuses with not_found, invalid_input, sku_taken.
 */
export async function saveVariants(
  tx: Tx,
  stamp: Stamp,
  { vendorId, productId }: { readonly vendorId: string; readonly productId: string },
  variants: readonly VariantInput[],
): Promise<void> {
  checkVariants(variants)
  const [product] = await tx.execute<{ status: string }>(
    sql`select status from products where id = ${productId}::uuid and vendor_id = ${vendorId}::uuid for update`,
  )
  if (product === undefined) throw new Refusal('not_found')
  if (product.status === 'active' && variants.length === 0)
    throw new Refusal('product_state', { detail: 'Take the product off sale before you take all its variants away.' })
  const skus = sql.param(variants.map(({ sku }) => sku))
  const [taken] = await tx.execute<{ sku: string }>(
    sql`select v.sku from variants v where v.sku = any(${skus}::text[]) and v.product_id <> ${productId}::uuid limit 1`,
  )
  if (taken !== undefined) throw new Refusal('sku_taken', { detail: `The SKU ${taken.sku} is in use for another product.` })
  const before = await tx.execute<{ sku: string; price_minor: string }>(
    sql`select sku, price_minor from variants where product_id = ${productId}::uuid and status = 'active'`,
  )
  // SKUs may be swapped between sizes; for the moment between, each row has one of its own.
  await tx.execute(sql`update variants set sku = 'moving ' || id where product_id = ${productId}::uuid and sku = any(${skus}::text[])`)
  const list = JSON.stringify(variants.map((variant, position) => ({ ...variant, id: stamp.ids.next(), position })))
  const written = await tx.execute<{ id: string }>(sql`
    insert into variants (id, product_id, sku, size, colour, colour_hex, price_minor, compare_at_minor, low_stock_at, status, position)
    select x.id, ${productId}::uuid, x.sku, trim(x.size), trim(x.colour), coalesce(x."colourHex", '#888888'), x."priceMinor", x."compareAtMinor", coalesce(x."lowStockAt", 3), 'active', x.position
    from jsonb_to_recordset(${list}::text::jsonb) x(id uuid, sku text, size text, colour text, "colourHex" text, "priceMinor" bigint, "compareAtMinor" bigint, "lowStockAt" int, position int)
    on conflict (product_id, size, colour) do update set sku = excluded.sku, colour_hex = excluded.colour_hex, price_minor = excluded.price_minor,
      compare_at_minor = excluded.compare_at_minor, low_stock_at = excluded.low_stock_at, status = 'active', position = excluded.position
    returning id`)
  await tx.execute(sql`
    update variants set status = 'archived', sku = case when sku like 'moving %' then 'gone ' || id else sku end
    where product_id = ${productId}::uuid and id <> all(${sql.param(written.map(({ id }) => id))}::uuid[])`)
  const priceOf = new Map(before.map(({ sku, price_minor }) => [sku, Number(price_minor)]))
  const prices = variants.flatMap(({ sku, priceMinor }) => {
    const old = priceOf.get(sku)
    return old === undefined || old === priceMinor ? [] : [{ sku, from: old, to: priceMinor }]
  })
  await audit(tx, stamp, { action: 'product.variants_saved', target: productId, data: { variants: variants.length, prices } })
}
