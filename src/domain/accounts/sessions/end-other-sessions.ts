import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { endSessions } from './end-sessions.ts'

/** Ends every session of the actor but the one they came in with, and what those were watching. Answers how many ended. */
export async function endOtherSessions(context: Context, actor: PersonActor): Promise<number> {
  const ended = await endSessions(context.db, context.clock.now(), actor.accountId, { butId: actor.sessionId })
  context.hub.recheck({ userId: actor.accountId })
  return ended
}
