import type { Context } from '../../context.ts'
import { createEtimsQueue } from './etims.queue.ts'
import { unbilledOrders, uncreditedRefunds } from './invoice.queries.ts'
import { issueCreditNote } from './issue-credit-note.ts'
import { issueInvoice } from './issue-invoice.ts'

const text = (payload: Readonly<Record<string, unknown>>, name: string): string => String(payload[name])

/** Documents follow payments and refunds by messages; what a message missed is found every hour. */
export function invoicingJobs(context: Context): void {
  context.outbox.handle('invoice.issue', async ({ payload }) => void (await issueInvoice(context, text(payload, 'orderId'))))
  context.outbox.handle('credit_note.issue', async ({ payload }) => void (await issueCreditNote(context, text(payload, 'refundId'))))
  context.outbox.join(createEtimsQueue(context))
  context.jobs.schedule('issue-missing-documents', '25 * * * *', async () => {
    if (context.config.seller === undefined) return
    for (const orderId of await unbilledOrders(context.db, 500)) await issueInvoice(context, orderId)
    for (const refundId of await uncreditedRefunds(context.db, 500)) await issueCreditNote(context, refundId)
  })
}
