import { sql } from 'drizzle-orm'
import type { Stamp } from '../../../lib/stamp.ts'
import type { Tx } from '../../../platform/db.ts'
import { enqueue } from '../../../platform/outbox.ts'

/** The outbox topic of a variant that runs low; its handler tells the vendor's people. */
export const lowStockTopic = 'stock.low'

/**
 * Writes down which of some variants run low over all warehouses and stages one message for each, and ends the shortages of those
 * filled up again. Each shortage is told once, however often its last pieces come and go. A step, in the commit that moved the goods.
 */
export async function noteShortages(tx: Tx, stamp: Stamp, variantIds: readonly string[]): Promise<void> {
  if (variantIds.length === 0) return
  const ids = sql`${sql.param([...variantIds])}::uuid[]`
  const now = sql`${stamp.now.toISOString()}::timestamptz`
  const begun = await tx.execute<{ id: string; variant_id: string }>(sql`
    with left_over as (
      select v.id, v.low_stock_at, coalesce(sum(s.on_hand - s.reserved) filter (where w.is_active), 0)::int as pieces
      from variants v left join stock_levels s on s.variant_id = v.id left join warehouses w on w.id = s.warehouse_id
      where v.id = any(${ids}) and v.status = 'active' group by v.id
    ), filled as (
      update stock_shortages k set ended_at = ${now} from left_over l where k.variant_id = l.id and k.ended_at is null and l.pieces > l.low_stock_at
    )
    insert into stock_shortages (id, variant_id, "left", created_at)
    select gen_random_uuid(), l.id, l.pieces, ${now} from left_over l where l.pieces <= l.low_stock_at
    on conflict do nothing returning id, variant_id`)
  for (const { id, variant_id } of begun)
    await enqueue(tx, stamp, {
      topic: lowStockTopic,
      payload: { shortageId: id, variantId: variant_id },
      dedupeKey: `${lowStockTopic}:${id}`,
    })
}
