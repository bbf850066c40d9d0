import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { audit } from '../../platform/audit.ts'
import { enqueue } from '../../platform/outbox.ts'
import { accounts } from './account.table.ts'
import { accountView } from './account.queries.ts'
import { hashPassword } from './hash-password.ts'
import { checkPassword } from './password.rules.ts'
import { proveIdentity } from './prove-identity.ts'
import { endSessions } from './sessions/end-sessions.ts'
import type { SignedIn } from './sessions/open-session.ts'
import { rotateSession } from './sessions/rotate-session.ts'

/**
 * Changes the actor's password. Every other session ends, this one gets a new token, and the owner is told. Refuses with
 * `wrong_credentials`, `password_weak`, `overloaded`, `too_many_requests`.
 */
export async function changePassword(
  context: Context,
  actor: PersonActor,
  input: { password: string; newPassword: string },
): Promise<SignedIn> {
  await proveIdentity(context, actor, { password: input.password })
  const view = await accountView(context.db, actor.accountId)
  checkPassword(input.newPassword, [view?.name, view?.email, view?.phone])
  const passwordHash = await hashPassword(input.newPassword)
  const now = context.clock.now()
  const session = await context.db.transaction(async (tx) => {
    await tx.update(accounts).set({ passwordHash, passwordChangedAt: now }).where(eq(accounts.id, actor.accountId))
    await endSessions(tx, now, actor.accountId, { butId: actor.sessionId })
    const stamp = { now, ids: context.ids, actor }
    await audit(tx, stamp, { action: 'account.password_changed', target: actor.accountId })
    await enqueue(tx, stamp, { topic: 'account.password_changed', payload: { accountId: actor.accountId } })
    return await rotateSession(context, tx, actor)
  })
  context.hub.recheck({ userId: actor.accountId })
  context.outbox.wake('outbox')
  return session
}
