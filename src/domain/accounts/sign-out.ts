import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { sessions } from './account.table.ts'

/** Ends the session the actor came in with, and what it was watching. Ending it twice is no mistake. */
export async function signOut(context: Context, actor: PersonActor): Promise<void> {
  await context.db
    .update(sessions)
    .set({ revokedAt: context.clock.now() })
    .where(and(eq(sessions.id, actor.sessionId), eq(sessions.accountId, actor.accountId), isNull(sessions.revokedAt)))
  context.hub.recheck({ userId: actor.accountId })
}
