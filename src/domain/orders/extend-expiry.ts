import { and, eq, lt } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { orders } from './order.table.ts'

/** Keeps an unpaid order's goods set aside until `until`, never shorter than before. A step; does nothing to an order that is not waiting for payment. */
export async function extendExpiry(tx: Tx, orderId: string, until: Date): Promise<void> {
  await tx
    .update(orders)
    .set({ expiresAt: until })
    .where(and(eq(orders.id, orderId), eq(orders.state, 'awaiting_payment'), lt(orders.expiresAt, until)))
}
