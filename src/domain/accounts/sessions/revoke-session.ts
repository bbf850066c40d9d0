import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { sessions } from '../account.table.ts'

/** Ends one of the actor's own sessions, with its sockets. Answers false when there is none of that id, somebody else's included. */
export async function revokeSession(context: Context, actor: PersonActor, sessionId: string): Promise<boolean> {
  const ended = await context.db
    .update(sessions)
    .set({ revokedAt: context.clock.now() })
    .where(and(eq(sessions.id, sessionId), eq(sessions.accountId, actor.accountId), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id })
  context.hub.recheck({ userId: actor.accountId })
  return ended.length > 0
}
