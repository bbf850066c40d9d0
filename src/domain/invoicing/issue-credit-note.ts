import { and, asc, eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'
import { orders } from '../orders/order.table.ts'
import { transactions } from '../payments/transaction.table.ts'
import { creditLinesOf, type Credited, type InvoiceLine, type Wanted } from './invoice.lines.ts'
import { invoiceLines, invoices } from './invoice.table.ts'
import { issueInvoice } from './issue-invoice.ts'
import { writeDocument } from './write-document.ts'

/**
 * Issues the credit note of a refund that reached the shopper, once. Money that was never billed (a second payment, more than the order
 * cost) goes back without one: only what the refund took from the sale is credited. A return credits the goods that came back.
 */
export async function issueCreditNote(context: Context, refundId: string): Promise<string | undefined> {
  const { seller } = context.config
  if (seller === undefined) return undefined
  const [about] = await context.payDb.select({ orderId: transactions.orderId }).from(transactions).where(eq(transactions.id, refundId))
  if (about?.orderId == null) return undefined
  // The refund may be faster than the message that asks for the invoice.
  await issueInvoice(context, about.orderId)
  const issued = await withRetry(() =>
    context.payDb.transaction(async (tx) => {
      const [refund] = await tx
        .select()
        .from(transactions)
        .where(and(eq(transactions.id, refundId), eq(transactions.kind, 'refund')))
      if (refund?.orderId == null || refund.state !== 'succeeded') return undefined
      await tx.select({ id: orders.id }).from(orders).where(eq(orders.id, refund.orderId)).for('no key update')
      const [known] = await tx.select({ number: invoices.number }).from(invoices).where(eq(invoices.refundId, refundId))
      if (known !== undefined) return known.number
      const [invoice] = await tx
        .select()
        .from(invoices)
        .where(and(eq(invoices.orderId, refund.orderId), eq(invoices.kind, 'invoice')))
      if (invoice === undefined) return undefined
      const lines = await linesOf(tx, invoice.id)
      const credited = await creditedOf(tx, invoice.id)
      const left = invoice.totalMinor - [...credited.values()].reduce((total, each) => total + each.totalMinor, 0n)
      const ofSale = await takenFromSale(tx, refundId)
      const amountMinor = ofSale < left ? ofSale : left
      if (amountMinor <= 0n) return undefined
      const written = await writeDocument(tx, systemStamp('invoicing', context), {
        kind: 'credit_note',
        orderId: refund.orderId,
        parentId: invoice.id,
        refundId,
        seller,
        buyer: { name: invoice.buyerName, pin: invoice.buyerPin, address: invoice.buyerAddress },
        currency: invoice.currency,
        lines: creditLinesOf(lines, credited, amountMinor, await returnedGoods(tx, refundId, lines)),
        isReported: context.config.etims !== undefined,
      })
      return written.number
    }),
  )
  context.outbox.wake('etims')
  return issued
}

async function linesOf(tx: Tx, invoiceId: string): Promise<InvoiceLine[]> {
  const rows = await tx.select().from(invoiceLines).where(eq(invoiceLines.invoiceId, invoiceId)).orderBy(asc(invoiceLines.position))
  return rows.map(({ invoiceId: _, kind, ...line }) => ({ ...line, kind: kind === 'delivery' ? 'delivery' : 'goods' }))
}

async function creditedOf(tx: Tx, invoiceId: string): Promise<Credited> {
  const rows = await tx
    .select({
      position: invoiceLines.position,
      totalMinor: sql<string>`sum(${invoiceLines.totalMinor})::text`,
      vatMinor: sql<string>`sum(${invoiceLines.vatMinor})::text`,
    })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.id, invoiceLines.invoiceId))
    .where(eq(invoices.parentId, invoiceId))
    .groupBy(invoiceLines.position)
  return new Map(rows.map((row) => [row.position, { totalMinor: BigInt(row.totalMinor), vatMinor: BigInt(row.vatMinor) }]))
}

/** What a refund took back from those the sale was split to; the rest of it was owed anyway. */
async function takenFromSale(tx: Tx, refundId: string): Promise<bigint> {
  const [row] = await tx.execute<{ taken: string }>(sql`
    select coalesce(sum(l.amount_minor), 0)::text as taken from ledger_entries l
    join transaction_events e on e.id = l.event_id join transactions r on r.id = ${refundId}::uuid and e.transaction_id = r.parent_id
    where e.data ->> 'refundId' = ${refundId} and l.account in ('vendor_payable', 'commission_income', 'commission_vat', 'delivery_income', 'vat_payable', 'discount_given')`)
  return BigInt(row?.taken ?? '0')
}

/** The goods a return paid back, by the position of their line. */
async function returnedGoods(tx: Tx, refundId: string, lines: readonly InvoiceLine[]): Promise<Wanted> {
  const rows = await tx.execute<{ position: number; refund: string }>(sql`
    select o.position, coalesce(sum(l.refund_minor), 0)::text as refund from returns r join return_lines l on l.return_id = r.id
    join order_lines o on o.id = l.order_line_id where r.refund_id = ${refundId}::uuid group by o.position`)
  const goods = new Map(rows.map((row) => [row.position, BigInt(row.refund)]))
  const [back] = await tx.execute<{ delivery: string }>(
    sql`select coalesce(sum(delivery_refund_minor), 0)::text as delivery from returns where refund_id = ${refundId}::uuid`,
  )
  const delivery = lines.find((line) => line.kind === 'delivery')
  return delivery === undefined ? goods : new Map([...goods, [delivery.position, BigInt(back?.delivery ?? '0')]])
}
