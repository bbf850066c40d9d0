import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import { after, seconds } from '../../lib/time.ts'
import { backoffMs } from '../../platform/backoff.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { describeError } from '../../platform/log.ts'
import { webhookEvents } from './webhook-event.table.ts'

/** A stored message in the hands of a worker. `attempts` counts this try. */
export type ClaimedWebhook = typeof webhookEvents.$inferSelect

/** Tries before a message is left to a person; it stays visible in its state. */
export const mostWebhookAttempts = 20

// Applying is database work with time-outs of its own, so a claim that is older than this belongs to a process that died.
const defaultLeaseMs = seconds(5)

/** Takes due messages, oldest first, away from other workers for the lease. A crash gives them back by itself. */
export async function claimWebhooks(db: Db, now: Date, limit: number, leaseMs = defaultLeaseMs): Promise<ClaimedWebhook[]> {
  return await db
    .update(webhookEvents)
    .set({ attempts: sql`${webhookEvents.attempts} + 1`, nextAttemptAt: after(now, leaseMs) })
    .where(
      sql`${webhookEvents.id} in (
        select id from webhook_events where state in ('received', 'deferred', 'failed', 'unmatched') and next_attempt_at <= ${now.toISOString()}::timestamptz
        order by next_attempt_at, id limit ${limit} for update skip locked)`,
    )
    .returning()
}

/** Locks a message for the commit that applies it; false when another worker has applied it already. First in the lock order. */
export async function lockWebhook(tx: Tx, id: string): Promise<boolean> {
  const [row] = await tx.select({ appliedAt: webhookEvents.appliedAt }).from(webhookEvents).where(eq(webhookEvents.id, id)).for('update')
  return row !== undefined && row.appliedAt === null
}

/** Marks a message as done, in the commit of its effect. */
export async function finishWebhook(
  tx: Tx | Db,
  stamp: Pick<Stamp, 'now'>,
  id: string,
  state: 'processed' | 'ignored',
  why: string | null = null,
): Promise<void> {
  await tx.update(webhookEvents).set({ state, appliedAt: stamp.now, nextAttemptAt: null, lastError: why }).where(eq(webhookEvents.id, id))
}

/**
 * Puts a message back with a later time; after the last attempt it waits for a person. One that is done stays done: when the answer
 * to the commit of its effect was lost, the worker takes it for failed although it stands.
 */
export async function putBackWebhook(
  db: Db,
  now: Date,
  webhook: ClaimedWebhook,
  state: 'unmatched' | 'deferred' | 'failed',
  problem: unknown,
): Promise<void> {
  const isGivenUp = webhook.attempts >= mostWebhookAttempts
  await db
    .update(webhookEvents)
    .set({
      state,
      lastError: String(describeError(problem)['message']).slice(0, 500),
      nextAttemptAt: isGivenUp ? null : after(now, backoffMs(webhook.attempts)),
    })
    .where(and(eq(webhookEvents.id, webhook.id), eq(webhookEvents.attempts, webhook.attempts), isNull(webhookEvents.appliedAt)))
}
