import type { Context } from '../../context.ts'
import { replayWebhook } from '../../domain/payments/replay-webhook.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'

/** Lets a stored message of a provider be worked again, as it came; the audit row stands in the same commit. False: there is none. */
export async function replayMessage(context: Context, actor: Actor, id: string): Promise<boolean> {
  if (!isUuid(id)) return false
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  const isKnown = await context.payDb.transaction(async (tx) => await replayWebhook(tx, stamp, id))
  context.outbox.wake()
  return isKnown
}
