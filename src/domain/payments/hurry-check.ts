import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { after, seconds } from '../../lib/time.ts'

// However often somebody loads the page, the provider is asked about one charge at most this often.
const gapMs = seconds(10)

/**
 * Lets the provider be asked about an open charge now instead of later, because its shopper has just come back from the provider's
 * page. Changes nothing but the time of the next question, and not even that when one was asked a moment ago.
 */
export async function hurryCheck(context: Context, transactionId: string): Promise<void> {
  const now = context.clock.now()
  const rows = await context.payDb.execute(sql`
    update transactions set next_check_at = ${now.toISOString()}::timestamptz
    where id = ${transactionId}::uuid and kind = 'charge' and state in ('pending', 'processing') and session_ref is not null
      and next_check_at > ${now.toISOString()}::timestamptz
      and (last_checked_at is null or last_checked_at < ${after(now, -gapMs).toISOString()}::timestamptz)
    returning id`)
  if (rows.length > 0) context.outbox.wake()
}
