import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { orders } from '../orders/order.table.ts'
import { invoices, taxDetails } from './invoice.table.ts'

/**
 * To whom the invoice of an order is made out. Counts until the invoice is issued, which is when the order is paid; a document is never
 * changed afterwards. Refuses with invoice_issued.
 */
export async function setTaxDetails(context: Context, orderId: string, details: { buyerName: string; kraPin: string }): Promise<void> {
  await context.db.transaction(async (tx) => {
    // The lock that issuing takes: whoever is second sees what the first did.
    await tx.select({ id: orders.id }).from(orders).where(eq(orders.id, orderId)).for('no key update')
    const issued = await tx
      .select({ number: invoices.number })
      .from(invoices)
      .where(and(eq(invoices.orderId, orderId), eq(invoices.kind, 'invoice')))
    if (issued.length > 0) throw new Refusal('invoice_issued')
    await tx
      .insert(taxDetails)
      .values({ orderId, ...details, createdAt: context.clock.now() })
      .onConflictDoUpdate({ target: taxDetails.orderId, set: { buyerName: sql`excluded.buyer_name`, kraPin: sql`excluded.kra_pin` } })
  })
}
