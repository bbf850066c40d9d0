import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** How much of each kind waits for a person. */
export type WaitingCounts = Readonly<
  Record<'review' | 'manual' | 'unfinished' | 'messages' | 'breaks' | 'to_pack' | 'no_rider' | 'late' | 'given_up', number>
>

/** What waits for staff right now, in one statement over small partial indexes. */
export async function countWaiting(db: DbOrTx, now: Date): Promise<WaitingCounts> {
  const [row] = await db.execute<WaitingCounts & Record<string, unknown>>(sql`
    select (select count(*)::int from transactions where state = 'review') as review,
      (select count(*)::int from transactions where kind = 'refund' and state = 'manual') as manual,
      (select count(*)::int from transactions where next_check_at is not null) as unfinished,
      (select count(*)::int from webhook_events where state in ('failed', 'unmatched')) as messages,
      (select count(*)::int from reconciliation_breaks where resolved_at is null) as breaks,
      (select count(*)::int from orders where state = 'paid') as to_pack,
      (select count(*)::int from deliveries where state in ('pending', 'failed')) as no_rider,
      (select count(*)::int from deliveries d join orders o on o.id = d.order_id
        where d.state not in ('delivered', 'cancelled') and o.promised_to < ${now.toISOString()}::timestamptz) as late,
      (select count(*)::int from outbox where dead_at is not null and done_at is null) as given_up`)
  return row ?? { review: 0, manual: 0, unfinished: 0, messages: 0, breaks: 0, to_pack: 0, no_rider: 0, late: 0, given_up: 0 }
}
