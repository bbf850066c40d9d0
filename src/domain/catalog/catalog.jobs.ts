import type { Context } from '../../context.ts'
import { seconds } from '../../lib/time.ts'
import { forgetChanges } from './forget-changes.ts'
import { lowStockTopic } from './stock/note-shortages.ts'
import { sendLowStock, sendStockNews } from './stock/send-stock-news.ts'
import { backInStockTopic, tellBackInStock } from './stock/tell-back-in-stock.ts'

/** Background work of the catalogue. */
export function catalogJobs(context: Context): void {
  context.jobs.schedule('forget-catalogue-changes', '20 4 * * *', async () => await forgetChanges(context.db))
  context.jobs.every('back-in-stock', seconds(20), async () => await tellBackInStock(context))
  context.outbox.handle(backInStockTopic, async ({ payload }) => await sendStockNews(context, String(payload['alertId'])))
  context.outbox.handle(lowStockTopic, async ({ payload }) => await sendLowStock(context, String(payload['shortageId'])))
}
