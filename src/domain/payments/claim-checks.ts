import { and, eq, sql } from 'drizzle-orm'
import { after, seconds } from '../../lib/time.ts'
import type { Db } from '../../platform/db.ts'
import { transactions } from './transaction.table.ts'

// About as long as a slow answer takes. Asking twice is harmless; a claim of a process that died must not last.
const defaultLeaseMs = seconds(12)

/** Takes charges and refunds whose provider is due to be asked away from other workers for the lease, and counts the check. Answers their ids. */
export async function claimChecks(db: Db, now: Date, limit: number, leaseMs = defaultLeaseMs): Promise<{ id: string; kind: string }[]> {
  return await db
    .update(transactions)
    .set({ nextCheckAt: after(now, leaseMs), lastCheckedAt: now, checks: sql`${transactions.checks} + 1`, updatedAt: now })
    .where(
      sql`${transactions.id} in (
        select id from transactions where next_check_at <= ${now.toISOString()}::timestamptz and kind in ('charge', 'refund')
        order by next_check_at, id limit ${limit} for update skip locked)`,
    )
    .returning({ id: transactions.id, kind: transactions.kind })
}

/** Sets the time of the next check where the last one brought no news, unless news came meanwhile and started the schedule afresh. */
export async function postponeCheck(db: Db, transaction: { id: string; checks: number }, nextCheckAt: Date | null): Promise<void> {
  await db
    .update(transactions)
    .set({ nextCheckAt })
    .where(and(eq(transactions.id, transaction.id), eq(transactions.checks, transaction.checks)))
}
