import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { checkOnce, findShelves, type NamedGoods } from './find-shelves.ts'
import { moveStock } from './move-stock.ts'

/**
 * Carries goods of a vendor from one warehouse to another: out here and in there in one commit, so that none is lost or doubled on the
 * way. Only what is not set aside for orders can go. The `reference` makes it one. A step. Refuses with not_found, invalid_input,
 * out_of_stock.
 */
export async function transferStock(
  tx: Tx,
  stamp: Stamp,
  vendorId: string,
  input: { readonly from: string; readonly to: string; readonly reference: string; readonly lines: readonly NamedGoods[] },
): Promise<boolean> {
  if (input.from === input.to)
    throw new Refusal('invalid_input', { fields: [{ path: '/body/to', code: 'same', message: 'Choose another warehouse.' }] })
  const skus = input.lines.map(({ sku }) => sku)
  checkOnce(skus)
  const { variantOf, warehouseOf } = await findShelves(tx, vendorId, skus, [input.from, input.to])
  const isNew = await moveStock(
    tx,
    stamp,
    `transfer ${vendorId} ${input.reference}`,
    input.lines.flatMap(({ sku, quantity }) => [
      { variantId: variantOf(sku), warehouseId: warehouseOf(input.from), kind: 'transferred' as const, delta: -quantity },
      { variantId: variantOf(sku), warehouseId: warehouseOf(input.to), kind: 'transferred' as const, delta: quantity },
    ]),
  )
  if (isNew) await audit(tx, stamp, { action: 'stock.transferred', target: vendorId, data: { ...input, lines: input.lines.length } })
  return isNew
}
