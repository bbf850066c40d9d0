import { sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'

/** A live hold of an order. */
export interface LiveHold {
  readonly id: string
  readonly variantId: string
  readonly warehouseId: string
  readonly quantity: number
}

/** Locks an order's live holds and the shelves they lie on, in variant order, and answers them. */
export async function lockHolds(tx: Tx, orderId: string): Promise<LiveHold[]> {
  const rows = await tx.execute<{ id: string; variant_id: string; warehouse_id: string; quantity: number }>(sql`
    select h.id, h.variant_id, h.warehouse_id, h.quantity
    from stock_holds h join stock_levels s using (variant_id, warehouse_id)
    where h.order_id = ${orderId}::uuid and h.state = 'held'
    order by h.variant_id, h.warehouse_id for update of h, s`)
  return rows.map((row) => ({ id: row.id, variantId: row.variant_id, warehouseId: row.warehouse_id, quantity: row.quantity }))
}
