import { sql } from 'drizzle-orm'
import type { Db } from '../../platform/db.ts'

// Small enough that a purge never holds up a rider's next position.
const batchSize = 5_000

/**
 * Forgets the trails received before a moment, a part at a time. Where somebody was is personal data, kept no longer than it is
 * of use (Kenya's Data Protection Act, 2019). Answers how many points are gone.
 */
export async function purgeTrails(db: Db, before: Date): Promise<number> {
  let gone = 0
  for (;;) {
    const rows = await db.execute(sql`
      delete from delivery_positions where id in (
        select id from delivery_positions where received_at < ${before.toISOString()}::timestamptz limit ${batchSize}) returning id`)
    gone += rows.length
    if (rows.length < batchSize) return gone
  }
}
