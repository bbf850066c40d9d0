import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import type { DbOrTx } from '../../../platform/db.ts'
import { sessions } from '../account.table.ts'
import type { SignedIn } from './open-session.ts'

/**
 * Gives a session a new token, after which the old one opens nothing: whoever had learnt it is out. A step of what changes a
 * password or a factor. Refuses with `not_signed_in` when the session has ended meanwhile.
 */
export async function rotateSession(
  context: Context,
  db: DbOrTx,
  actor: PersonActor,
  gained: { secondFactor?: boolean } = {},
): Promise<SignedIn> {
  const now = context.clock.now()
  const token = context.ids.token()
  const [session] = await db
    .update(sessions)
    .set({
      tokenHash: sha256Hex(token),
      provenAt: now,
      ...(gained.secondFactor === undefined ? {} : { secondFactorAt: gained.secondFactor ? now : null }),
    })
    .where(and(eq(sessions.id, actor.sessionId), eq(sessions.accountId, actor.accountId), isNull(sessions.revokedAt)))
    .returning({ expiresAt: sessions.expiresAt })
  if (session === undefined) throw new Refusal('not_signed_in')
  return { token, expiresAt: session.expiresAt, accountId: actor.accountId }
}
