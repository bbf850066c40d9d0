import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'

/**
 * Runs the steps of one dispatch verb in one transaction under one stamp, again after a deadlock, and wakes the outbox, so that the
 * watchers hear of it at once. What `work` does outside its transaction would be done again.
 */
export async function inOneCommit<Result>(
  context: Context,
  actor: Actor,
  work: (tx: Tx, stamp: Stamp) => Promise<Result>,
): Promise<Result> {
  const result = await withRetry(() => context.db.transaction((tx) => work(tx, { now: context.clock.now(), ids: context.ids, actor })))
  context.outbox.wake()
  return result
}
