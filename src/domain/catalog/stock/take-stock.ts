import { sql } from 'drizzle-orm'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { checkOnce, findShelves } from './find-shelves.ts'
import { moveStock } from './move-stock.ts'

/** What a count found on one shelf. */
export interface CountedShelf {
  readonly sku: string
  readonly expected: number
  readonly counted: number
}

/**
 * Writes down what a count in a warehouse found; the differences become moves, and who counted what is kept. The shelves are locked
 * before they are compared, so that a sale during the count is not undone by it. A step. Refuses with not_found, invalid_input,
 * out_of_stock (fewer found than are set aside for orders: those must be settled first).
 */
export async function takeStock(
  tx: Tx,
  stamp: Stamp,
  vendorId: string,
  input: {
    readonly warehouse: string
    readonly lines: readonly { readonly sku: string; readonly counted: number }[]
    readonly note?: string | undefined
  },
): Promise<CountedShelf[]> {
  const skus = input.lines.map(({ sku }) => sku)
  checkOnce(skus)
  const { variantOf, warehouseOf } = await findShelves(tx, vendorId, skus, [input.warehouse])
  const warehouseId = warehouseOf(input.warehouse)
  const rows = await tx.execute<{ variant_id: string; on_hand: number }>(sql`
    select variant_id, on_hand from stock_levels where warehouse_id = ${warehouseId}::uuid and variant_id = any(${sql.param(skus.map(variantOf))}::uuid[])
    order by variant_id for update`)
  const onHand = new Map(rows.map((row) => [row.variant_id, row.on_hand]))
  const found = input.lines.map(({ sku, counted }) => ({ sku, counted, expected: onHand.get(variantOf(sku)) ?? 0 }))
  await moveStock(
    tx,
    stamp,
    `count ${stamp.ids.next()}`,
    found.map(({ sku, counted, expected }) => ({ variantId: variantOf(sku), warehouseId, kind: 'adjusted', delta: counted - expected })),
  )
  await audit(tx, stamp, {
    action: 'stock.counted',
    target: vendorId,
    data: {
      warehouse: input.warehouse,
      note: input.note ?? '',
      differences: found.filter(({ counted, expected }) => counted !== expected),
    },
  })
  return found
}
