import { and, eq, sql } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { DbOrTx, Tx } from '../../platform/db.ts'
import { orderLines } from './order.table.ts'

/** Counts so many more of a line as packed; the condition stands in the statement. A step. Refuses with conflict when there are not so many left. */
export async function countPacked(tx: Tx, lineId: string, quantity: number): Promise<void> {
  const counted = await tx
    .update(orderLines)
    .set({ packedQuantity: sql`${orderLines.packedQuantity} + ${quantity}` })
    .where(and(eq(orderLines.id, lineId), sql`${orderLines.packedQuantity} + ${quantity} <= ${orderLines.quantity}`))
    .returning({ id: orderLines.id })
  if (counted.length === 0) throw new Refusal('conflict')
}

/** Whether something of an order that is being packed in parts still waits. One packed whole without counting has nothing left. */
export async function isPartlyPacked(db: DbOrTx, orderId: string): Promise<boolean> {
  const [row] = await db
    .select({
      isBegun: sql<boolean>`coalesce(bool_or(${orderLines.packedQuantity} > 0), false)`,
      isLeft: sql<boolean>`coalesce(bool_or(${orderLines.packedQuantity} < ${orderLines.quantity}), false)`,
    })
    .from(orderLines)
    .where(eq(orderLines.orderId, orderId))
  return row?.isBegun === true && row.isLeft
}
