import { eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import type { Tx } from '../../platform/db.ts'
import { webhookEvents } from './webhook-event.table.ts'

/**
 * Puts a stored message back in the queue, as it came, whatever became of it before; its effects are unique, so what was applied stays
 * applied once. Answers false when there is no such message. A step.
 */
export async function replayWebhook(tx: Tx, stamp: Stamp, id: string): Promise<boolean> {
  const [row] = await tx
    .update(webhookEvents)
    .set({ state: 'received', appliedAt: null, attempts: 0, nextAttemptAt: stamp.now })
    .where(eq(webhookEvents.id, id))
    .returning({ provider: webhookEvents.provider, eventType: webhookEvents.eventType })
  if (row === undefined) return false
  await audit(tx, stamp, { action: 'webhook.replayed', target: id, data: row })
  return true
}
