import { eq } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { audit } from '../../../platform/audit.ts'
import { recoveryCodes, totpFactors } from '../second-factor.table.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import type { SignedIn } from '../sessions/open-session.ts'
import { rotateSession } from '../sessions/rotate-session.ts'
import { proveIdentity } from '../prove-identity.ts'

/**
 * Removes the second factor of the actor, with a code of it. Other sessions end and this one gets a new token. Staff whose role
 * demands one act as shoppers until they have set up another. Refuses with `wrong_code`.
 */
export async function removeTotp(context: Context, actor: PersonActor, code: string): Promise<SignedIn> {
  await proveIdentity(context, actor, { code })
  const now = context.clock.now()
  const session = await context.db.transaction(async (tx) => {
    await tx.delete(totpFactors).where(eq(totpFactors.accountId, actor.accountId))
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.accountId, actor.accountId))
    await endSessions(tx, now, actor.accountId, { butId: actor.sessionId })
    await audit(tx, { now, ids: context.ids, actor }, { action: 'account.second_factor_removed', target: actor.accountId })
    return await rotateSession(context, tx, actor, { secondFactor: false })
  })
  context.hub.recheck({ userId: actor.accountId })
  return session
}
