import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { checkOnce, findShelves, type NamedGoods } from './find-shelves.ts'
import { moveStock } from './move-stock.ts'

/**
 * Takes goods of a vendor into a warehouse. The `reference` (a delivery note) makes it one: sent twice, it is received once, and false
 * is answered. A step. Refuses with not_found, invalid_input.
 */
export async function receiveStock(
  tx: Tx,
  stamp: Stamp,
  vendorId: string,
  input: { readonly warehouse: string; readonly reference: string; readonly lines: readonly NamedGoods[] },
): Promise<boolean> {
  const skus = input.lines.map(({ sku }) => sku)
  checkOnce(skus)
  const { variantOf, warehouseOf } = await findShelves(tx, vendorId, skus, [input.warehouse])
  const isNew = await moveStock(
    tx,
    stamp,
    `receipt ${vendorId} ${input.reference}`,
    input.lines.map(({ sku, quantity }) => ({
      variantId: variantOf(sku),
      warehouseId: warehouseOf(input.warehouse),
      kind: 'received',
      delta: quantity,
    })),
  )
  if (isNew) await audit(tx, stamp, { action: 'stock.received', target: vendorId, data: { ...input, lines: input.lines.length } })
  return isNew
}
