import { eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { orderLines, orders } from '../orders/order.table.ts'
import { firstSaleLine, salePosting } from './ledger.postings.ts'
import { type LedgerCause, postLedger } from './post-ledger.ts'

/**
 * Books the sale of an order in the commit that makes it paid: what the shopper owed, split to the vendors and to ourselves by the
 * shares frozen in its lines. `cause` is the capture that paid for it. A step; an order is sold once, which its state guards.
 */
export async function recogniseSale(
  tx: Tx,
  stamp: Stamp,
  cause: Pick<LedgerCause, 'eventId' | 'transactionId'> & { orderId: string },
): Promise<void> {
  const [order] = await tx
    .select({
      totalMinor: orders.totalMinor,
      deliveryMinor: orders.deliveryMinor,
      discountMinor: orders.discountMinor,
      currency: orders.currency,
    })
    .from(orders)
    .where(eq(orders.id, cause.orderId))
  if (order === undefined) throw new Error(`there is no order ${cause.orderId}`)
  const lines = await tx
    .select({ vendorId: orderLines.vendorId, totalMinor: orderLines.totalMinor, commissionMinor: orderLines.commissionMinor })
    .from(orderLines)
    .where(eq(orderLines.orderId, cause.orderId))
    .orderBy(orderLines.position)
  await postLedger(tx, stamp, { ...cause, currency: order.currency }, salePosting({ ...order, lines }), firstSaleLine)
}
