import { and, asc, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { orders } from '../orders/order.table.ts'
import type { OrderReader } from '../orders/order.queries.ts'
import { etimsSubmissions, invoiceLines, invoices } from './invoice.table.ts'

/** A document with its lines, the number of its order and how far it is at the revenue authority. */
export interface InvoiceDocument {
  readonly invoice: typeof invoices.$inferSelect
  readonly orderNumber: string
  readonly parentNumber: string | null
  readonly etims: { readonly state: string; readonly controlNumber: string | null; readonly qrUrl: string | null } | null
  readonly lines: (typeof invoiceLines.$inferSelect)[]
}

/** Whose documents somebody may read: those of their own orders, of the order whose link they hold, all for staff. */
function readableBy(reader: OrderReader): SQL | undefined {
  const ways: SQL[] = []
  if (reader.isStaff === true) ways.push(sql`true`)
  if (reader.accountId !== undefined) ways.push(sql`${orders.accountId} = ${reader.accountId}::uuid`)
  if (reader.token !== undefined) ways.push(sql`${orders.tokenHash} = ${sha256Hex(reader.token)}`)
  return ways.length === 0 ? undefined : sql`(${sql.join(ways, sql` or `)})`
}

const heads = (db: DbOrTx) =>
  db
    .select({
      invoice: invoices,
      orderNumber: orders.number,
      parentNumber: sql<string | null>`(select p.number from ${invoices} p where p.id = ${invoices.parentId})`,
      etims: { state: etimsSubmissions.state, controlNumber: etimsSubmissions.controlNumber, qrUrl: etimsSubmissions.qrUrl },
    })
    .from(invoices)
    .innerJoin(orders, eq(orders.id, invoices.orderId))
    .leftJoin(etimsSubmissions, eq(etimsSubmissions.invoiceId, invoices.id))

/** A document by its number, for somebody who may read it. A foreign one is simply not found. */
export async function invoiceByNumber(db: DbOrTx, number: string, reader: OrderReader): Promise<InvoiceDocument | undefined> {
  const allowed = readableBy(reader)
  if (allowed === undefined || !/^(INV|CRN)-\d{4}-\d{6,9}$/.test(number)) return undefined
  const [head] = await heads(db).where(and(eq(invoices.number, number), allowed))
  if (head === undefined) return undefined
  const lines = await db.select().from(invoiceLines).where(eq(invoiceLines.invoiceId, head.invoice.id)).orderBy(asc(invoiceLines.position))
  return { ...head, lines }
}

/** What is asked for in a list of documents. */
export interface InvoiceFilter {
  readonly orderNumber?: string | undefined
  readonly kind?: string | undefined
  readonly etims?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** One page of the documents somebody may read, newest first, without their lines. */
export async function listInvoices(
  db: DbOrTx,
  reader: OrderReader,
  filter: InvoiceFilter,
): Promise<{ items: Omit<InvoiceDocument, 'lines'>[]; nextCursor: string | null }> {
  const allowed = readableBy(reader)
  if (allowed === undefined) return { items: [], nextCursor: null }
  const [after] = filter.cursor === undefined ? [] : (decodeCursor(filter.cursor, 1) ?? [])
  const rows = await heads(db)
    .where(
      and(
        allowed,
        filter.orderNumber === undefined ? undefined : eq(orders.number, filter.orderNumber),
        filter.kind === undefined ? undefined : eq(invoices.kind, filter.kind),
        filter.etims === undefined ? undefined : eq(etimsSubmissions.state, filter.etims),
        typeof after === 'string' && isUuid(after) ? lt(invoices.id, after) : undefined,
      ),
    )
    .orderBy(desc(invoices.id))
    .limit(filter.limit + 1)
  const items = rows.slice(0, filter.limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > filter.limit && last !== undefined ? encodeCursor([last.invoice.id]) : null }
}

/** Paid orders that have no invoice, oldest first: what a lost message or a PIN that came late has left. */
export async function unbilledOrders(db: DbOrTx, limit: number): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select o.id from orders o where o.paid_at is not null and o.state not in ('awaiting_payment', 'expired')
      and not exists (select 1 from invoices i where i.order_id = o.id and i.kind = 'invoice')
    order by o.paid_at limit ${limit}`)
  return rows.map((row) => row.id)
}

/** Refunds of billed orders that reached the shopper and have no credit note, oldest first. */
export async function uncreditedRefunds(db: DbOrTx, limit: number): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select t.id from transactions t join invoices i on i.order_id = t.order_id and i.kind = 'invoice'
    where t.kind = 'refund' and t.state = 'succeeded' and not exists (select 1 from invoices c where c.refund_id = t.id)
      and exists (select 1 from ledger_entries l join transaction_events e on e.id = l.event_id
        where e.transaction_id = t.parent_id and e.data ->> 'refundId' = t.id::text and l.account = 'vendor_payable' and l.amount_minor > 0)
      and i.total_minor > coalesce((select sum(c.total_minor) from invoices c where c.parent_id = i.id), 0)
    order by t.id limit ${limit}`)
  return rows.map((row) => row.id)
}
