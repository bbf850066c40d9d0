import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import { nairobiDay } from '../../lib/time.ts'
import type { Tx } from '../../platform/db.ts'
import { type InvoiceLine, type Seller, sum } from './invoice.lines.ts'
import { etimsSubmissions, invoiceLines, invoices, invoiceSeries } from './invoice.table.ts'

/** A document to be. */
export interface DocumentDraft {
  readonly kind: 'invoice' | 'credit_note'
  readonly orderId: string
  readonly parentId?: string
  readonly refundId?: string
  readonly seller: Seller
  readonly buyer: { readonly name: string; readonly pin: string | null; readonly address: string }
  readonly currency: string
  readonly lines: readonly InvoiceLine[]
  /** Whether it goes to the revenue authority. */
  readonly isReported: boolean
}

const prefix = { invoice: 'INV', credit_note: 'CRN' } as const

/**
 * Writes a document under the next number of its series. The series row is locked from here to the commit, so this is the last thing a
 * transaction does; a rollback gives the number back and no number is ever missing. A step.
 */
export async function writeDocument(tx: Tx, stamp: Stamp, draft: DocumentDraft): Promise<{ id: string; number: string }> {
  const year = Number(nairobiDay(stamp.now).slice(0, 4))
  const [series] = await tx
    .insert(invoiceSeries)
    .values({ kind: draft.kind, year, lastNumber: 1 })
    .onConflictDoUpdate({ target: [invoiceSeries.kind, invoiceSeries.year], set: { lastNumber: sql`${invoiceSeries.lastNumber} + 1` } })
    .returning({ sequence: invoiceSeries.lastNumber })
  const sequence = series?.sequence ?? 0
  const id = stamp.ids.next()
  const number = `${prefix[draft.kind]}-${year}-${String(sequence).padStart(6, '0')}`
  const [totalMinor, vatMinor] = [sum(draft.lines, (line) => line.totalMinor), sum(draft.lines, (line) => line.vatMinor)]
  await tx.insert(invoices).values({
    id,
    kind: draft.kind,
    year,
    sequence,
    number,
    orderId: draft.orderId,
    parentId: draft.parentId ?? null,
    refundId: draft.refundId ?? null,
    issuedAt: stamp.now,
    sellerName: draft.seller.legalName,
    sellerPin: draft.seller.kraPin,
    buyerName: draft.buyer.name,
    buyerPin: draft.buyer.pin,
    buyerAddress: draft.buyer.address,
    currency: draft.currency,
    netMinor: totalMinor - vatMinor,
    vatMinor,
    totalMinor,
  })
  await tx.insert(invoiceLines).values(draft.lines.map((line) => ({ ...line, invoiceId: id })))
  if (draft.isReported) await tx.insert(etimsSubmissions).values({ invoiceId: id, nextAt: stamp.now, createdAt: stamp.now })
  return { id, number }
}
