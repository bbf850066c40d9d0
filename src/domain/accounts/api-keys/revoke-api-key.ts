import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { audit } from '../../../platform/audit.ts'
import { apiKeys } from '../api-key.table.ts'

/** Ends one of the actor's own keys at once. Answers false when there is none of that id, somebody else's included. */
export async function revokeApiKey(context: Context, actor: PersonActor, id: string): Promise<boolean> {
  const now = context.clock.now()
  return await context.db.transaction(async (tx) => {
    const ended = await tx
      .update(apiKeys)
      .set({ revokedAt: now })
      .where(and(eq(apiKeys.id, id), eq(apiKeys.accountId, actor.accountId), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id })
    if (ended.length === 0) return false
    await audit(tx, { now, ids: context.ids, actor }, { action: 'api_key.revoked', target: id })
    return true
  })
}
