import { and, asc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'
import { orderLines, orders } from '../orders/order.table.ts'
import { vendors } from '../vendors/vendor.table.ts'
import { type BilledOrder, invoiceLinesOf } from './invoice.lines.ts'
import { invoices, taxDetails } from './invoice.table.ts'
import { writeDocument } from './write-document.ts'

/**
 * Issues the invoice of a paid order, once: a repeat answers the number it has. Undefined for an order that is not paid, and where the
 * shop has no KRA PIN of its own to bill under. Runs after the commit that sold the order, so that payments do not wait for each
 * other's numbers.
 */
export async function issueInvoice(context: Context, orderId: string): Promise<string | undefined> {
  const { seller } = context.config
  if (seller === undefined) return undefined
  const issued = await withRetry(() =>
    context.payDb.transaction(async (tx) => {
      const [order] = await tx.select().from(orders).where(eq(orders.id, orderId)).for('no key update')
      if (order === undefined || order.paidAt === null) return undefined
      const [known] = await tx
        .select({ number: invoices.number })
        .from(invoices)
        .where(and(eq(invoices.orderId, orderId), eq(invoices.kind, 'invoice')))
      if (known !== undefined) return known.number
      const [details] = await tx.select().from(taxDetails).where(eq(taxDetails.orderId, orderId))
      const written = await writeDocument(tx, systemStamp('invoicing', context), {
        kind: 'invoice',
        orderId,
        seller,
        buyer: {
          name: details?.buyerName ?? order.contactName,
          pin: details?.kraPin ?? null,
          address: `${order.town}, ${order.county}`,
        },
        currency: order.currency,
        lines: invoiceLinesOf({ ...order, goods: await goodsOf(tx, orderId) }, seller),
        isReported: context.config.etims !== undefined,
      })
      return written.number
    }),
  )
  context.outbox.wake('etims')
  return issued
}

async function goodsOf(tx: Tx, orderId: string): Promise<BilledOrder['goods']> {
  const rows = await tx
    .select({ line: orderLines, vendor: { name: vendors.name, legalName: vendors.legalName, kraPin: vendors.kraPin } })
    .from(orderLines)
    .innerJoin(vendors, eq(vendors.id, orderLines.vendorId))
    .where(eq(orderLines.orderId, orderId))
    .orderBy(asc(orderLines.position))
  return rows.map(({ line, vendor }) => ({
    position: line.position,
    vendorId: line.vendorId,
    supplierName: vendor.legalName === '' ? vendor.name : vendor.legalName,
    supplierPin: vendor.kraPin,
    name: [line.name, line.size, line.colour].filter(Boolean).join(', '),
    sku: line.sku,
    quantity: line.quantity,
    unitPriceMinor: line.unitPriceMinor,
    discountMinor: line.discountMinor,
    vatBasisPoints: line.vatBasisPoints,
    vatMinor: line.vatMinor,
    totalMinor: line.totalMinor - line.discountMinor,
  }))
}
