import { eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { orderLines, orders } from '../orders/order.table.ts'
import { firstSaleLine, type Sale, salePosting, vendorShares } from './ledger.postings.ts'
import { entryRows, type LedgerCause } from './post-ledger.ts'
import { subOrders } from './sub-order.table.ts'
import { ledgerEntries } from './transaction.table.ts'

/**
 * Books the sale of an order in the commit that makes it paid: what the shopper owed, split to the vendors and to ourselves by the
 * shares frozen in its lines, and one sub-order for each vendor. `cause` is the capture that paid for it. A step; an order is sold
 * once, which its state guards.
 */
export async function recogniseSale(
  tx: Tx,
  stamp: Stamp,
  cause: Pick<LedgerCause, 'eventId' | 'transactionId'> & { orderId: string },
): Promise<void> {
  const [order] = await tx
    .select({
      number: orders.number,
      totalMinor: orders.totalMinor,
      deliveryMinor: orders.deliveryMinor,
      discountMinor: orders.discountMinor,
      currency: orders.currency,
    })
    .from(orders)
    .where(eq(orders.id, cause.orderId))
  if (order === undefined) throw new Error(`there is no order ${cause.orderId}`)
  const lines = await tx
    .select({
      vendorId: orderLines.vendorId,
      totalMinor: orderLines.totalMinor,
      commissionMinor: orderLines.commissionMinor,
      quantity: orderLines.quantity,
    })
    .from(orderLines)
    .where(eq(orderLines.orderId, cause.orderId))
    .orderBy(orderLines.position)
  const rows = saleRows(stamp, cause, { ...order, lines })
  await tx.insert(ledgerEntries).values(rows.entries)
  await tx.insert(subOrders).values(rows.subOrders)
}

/** What is sold: the order with its lines. */
export interface SoldOrder extends Sale {
  readonly number: string
  readonly currency: string
  readonly lines: readonly (Sale['lines'][number] & { readonly quantity: number })[]
}

/** The rows that book a sale. Pure; recogniseSale writes them for one order, and whoever has many may write them at once. */
export function saleRows(
  stamp: Stamp,
  cause: Pick<LedgerCause, 'eventId' | 'transactionId'> & { readonly orderId: string },
  order: SoldOrder,
): { readonly entries: (typeof ledgerEntries.$inferInsert)[]; readonly subOrders: (typeof subOrders.$inferInsert)[] } {
  const { orderId, eventId, transactionId } = cause
  return {
    entries: entryRows(stamp, { orderId, eventId, transactionId, currency: order.currency }, salePosting(order), firstSaleLine),
    subOrders: vendorShares(order.lines).map((share, index) => ({
      ...share,
      id: stamp.ids.next(),
      orderId,
      number: `${order.number}-${partName(index)}`,
      pieces: order.lines.reduce((sum, line) => (line.vendorId === share.vendorId ? sum + line.quantity : sum), 0),
      netMinor: share.grossMinor - share.commissionMinor,
      currency: order.currency,
      soldAt: stamp.now,
    })),
  }
}

/** A, B, ... Z, then V27: an order of so many vendors has not been seen. */
const partName = (index: number): string => (index < 26 ? String.fromCharCode(65 + index) : `V${index + 1}`)
