import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { paymentStatusForOrder } from '../../domain/payments/transaction.queries.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'

/** The hub's name of an order's payment news. */
export const orderChannel = (orderId: string): string => `o:${orderId}`

/**
 * Tells those who watch an order that its payment moved on; the outbox handler of `live.order`. Says how it stands now, not what
 * the message knew, so that a late or repeated message cannot turn a page back. Bears being called twice: the hub drops a version
 * it has heard.
 */
export async function announcePayment(context: Context, orderId: string): Promise<void> {
  const status = await paymentStatusForOrder(context.payDb, orderId)
  if (status === undefined) return
  const [events] = await context.payDb
    .select({ count: sql<number>`sum(${transactions.eventCount})::int` })
    .from(transactions)
    .where(and(eq(transactions.orderId, orderId), eq(transactions.kind, 'charge')))
  const facts = { type: 'payment.changed', orderId, transactionId: status.transactionId, stage: status.stage, reason: status.reason }
  context.hub.publish(orderChannel(orderId), { lane: 'event', version: events?.count ?? 0, facts })
}
