import { and, eq } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { minutes } from '../../../lib/time.ts'
import { sessions } from '../account.table.ts'
import { type Proof, proveIdentity } from '../prove-identity.ts'
import { factorOf } from '../second-factor/factor.queries.ts'

/**
 * Proves afresh that it is still the person who signed in, by a code where the account has a second factor, else by password. For the
 * next minutes (`STEP_UP_MINUTES`) refunds, payouts and changes of rights are open to this session. Refuses with `code_required`,
 * `wrong_code`, `wrong_credentials`.
 */
export async function stepUp(context: Context, actor: PersonActor, proof: Proof): Promise<{ until: Date }> {
  // A stolen password must not be enough where a second factor was set up.
  if ('password' in proof && (await factorOf(context.db, actor.accountId)) !== undefined) throw new Refusal('code_required')
  await proveIdentity(context, actor, proof)
  const now = context.clock.now()
  await context.db
    .update(sessions)
    .set({ provenAt: now, ...('code' in proof ? { secondFactorAt: now } : {}) })
    .where(and(eq(sessions.id, actor.sessionId), eq(sessions.accountId, actor.accountId)))
  return { until: new Date(now.getTime() + minutes(context.config.access.stepUpMinutes)) }
}
