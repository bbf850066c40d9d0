import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { orderLines } from './order.table.ts'

/** So many more (or fewer) of a line are coming back, and so many were paid back. */
export interface ReturnedCount {
  readonly lineId: string
  readonly returned: number
  readonly refunded?: number
}

/**
 * Moves the counters of a line. The condition stands in the statement, and the check behind it: no more comes back than was bought.
 * False when there is not so much. A step.
 */
export async function countReturned(tx: Tx, orderId: string, { lineId, returned, refunded = 0 }: ReturnedCount): Promise<boolean> {
  const counted = await tx
    .update(orderLines)
    .set({
      returnedQuantity: sql`${orderLines.returnedQuantity} + ${returned}`,
      refundedQuantity: sql`${orderLines.refundedQuantity} + ${refunded}`,
    })
    .where(
      and(
        eq(orderLines.id, lineId),
        eq(orderLines.orderId, orderId),
        sql`${orderLines.returnedQuantity} + ${returned} between 0 and ${orderLines.quantity}`,
      ),
    )
    .returning({ id: orderLines.id })
  return counted.length === 1
}
