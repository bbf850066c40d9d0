import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { systemStamp } from '../../../lib/stamp.ts'
import { enqueue } from '../../../platform/outbox.ts'

/** The outbox topic of one person who is told that a variant is back. */
export const backInStockTopic = 'stock.back'

/**
 * Ends the wishes for variants that are there again, by whatever way they came, and stages one message for each in the same commit, so
 * that everybody is told once. Several processes may look at once (SKIP LOCKED). Answers how many.
 */
export async function tellBackInStock(context: Pick<Context, 'db' | 'clock' | 'ids' | 'outbox'>, most = 500): Promise<number> {
  const stamp = systemStamp('back-in-stock', context)
  const told = await context.db.transaction(async (tx) => {
    const rows = await tx.execute<{ id: string }>(sql`
      update stock_alerts set told_at = ${stamp.now.toISOString()}::timestamptz where id in (
        select a.id from stock_alerts a join variants v on v.id = a.variant_id and v.status = 'active' join products p on p.id = v.product_id and p.status = 'active'
        where a.told_at is null and exists (select 1 from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = a.variant_id and s.on_hand > s.reserved)
        order by a.created_at limit ${most} for update of a skip locked)
      returning id`)
    for (const { id } of rows)
      await enqueue(tx, stamp, { topic: backInStockTopic, payload: { alertId: id }, dedupeKey: `${backInStockTopic}:${id}` })
    return rows.length
  })
  if (told > 0) context.outbox.wake()
  return told
}
