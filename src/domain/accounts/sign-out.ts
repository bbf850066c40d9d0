import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { revokeSession } from './sessions/revoke-session.ts'

/** Ends the session the actor came in with, and what it was watching. Ending it twice is no mistake. */
export const signOut = async (context: Context, actor: PersonActor): Promise<void> =>
  void (await revokeSession(context, actor, actor.sessionId))
