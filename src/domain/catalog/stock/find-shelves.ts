import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Tx } from '../../../platform/db.ts'

/** A line of goods as a vendor names it. */
export interface NamedGoods {
  readonly sku: string
  readonly quantity: number
}

/** Variants of a vendor by SKU, and warehouses by code. Anything else, also of another vendor, is refused with not_found. */
export async function findShelves(
  tx: Tx,
  vendorId: string,
  skus: readonly string[],
  codes: readonly string[],
): Promise<{ variantOf: (sku: string) => string; warehouseOf: (code: string) => string }> {
  const variants = await tx.execute<{ sku: string; id: string }>(sql`
    select v.sku, v.id from variants v join products p on p.id = v.product_id where p.vendor_id = ${vendorId}::uuid and v.sku = any(${sql.param([...skus])}::text[])`)
  const warehouses = await tx.execute<{ code: string; id: string }>(
    sql`select code, id from warehouses where is_active and code = any(${sql.param([...codes])}::text[])`,
  )
  const variantBySku = new Map(variants.map(({ sku, id }) => [sku, id]))
  const warehouseByCode = new Map(warehouses.map(({ code, id }) => [code, id]))
  const need = (map: ReadonlyMap<string, string>, what: string) => (name: string) => {
    const id = map.get(name)
    if (id === undefined) throw new Refusal('not_found', { detail: `There is no ${what} like the one you named. Nothing was moved.` })
    return id
  }
  return { variantOf: need(variantBySku, 'SKU'), warehouseOf: need(warehouseByCode, 'warehouse') }
}

/** Refuses with invalid_input a list that names one SKU twice: which of the two counts? */
export function checkOnce(skus: readonly string[]): void {
  if (new Set(skus).size < skus.length)
    throw new Refusal('invalid_input', { fields: [{ path: '/body/lines', code: 'twice', message: 'A SKU is listed twice.' }] })
}
