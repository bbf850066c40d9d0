import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { holdStock } from './hold-stock.ts'

/**
 * Tries to set the goods of an expired order aside again, from the same warehouses, because its money came late.
 * All or nothing: on false no goods were taken (a savepoint takes back a part).
 */
export async function retakeStock(tx: Tx, stamp: Stamp, orderId: string): Promise<boolean> {
  const lines = await tx.execute<{ variant_id: string; warehouse_id: string; quantity: number }>(sql`
    select variant_id, warehouse_id, sum(quantity)::int as quantity from order_lines where order_id = ${orderId}::uuid
    group by variant_id, warehouse_id order by variant_id, warehouse_id`)
  const picks = lines.map((line) => ({ variantId: line.variant_id, warehouseId: line.warehouse_id, quantity: line.quantity }))
  try {
    return await tx.transaction(async (savepoint) => {
      if (!(await holdStock(savepoint, stamp, orderId, picks))) throw new NotAllThere()
      return true
    })
  } catch (error) {
    if (error instanceof NotAllThere) return false
    throw error
  }
}

class NotAllThere extends Error {}
