import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { seal } from '../../../lib/seal.ts'
import { totpFactors } from '../second-factor.table.ts'
import { totpPurpose } from './check-code.ts'
import { factorOf } from './factor.queries.ts'
import { newTotpSecret, totpAddress } from './totp.codes.ts'

/** What an authenticator app needs. Shown once. */
export interface TotpOffer {
  readonly secret: string
  readonly address: string
}

/**
 * Begins setting up a second factor: a secret for the authenticator app, which protects nothing until a code confirms it. Asking
 * again replaces one that was not confirmed. Refuses with `factor_exists`.
 */
export async function enrolTotp(context: Context, actor: PersonActor): Promise<TotpOffer> {
  const secret = newTotpSecret()
  const sealedSecret = seal(context.config.appSecret, totpPurpose, secret)
  const createdAt = context.clock.now()
  if ((await factorOf(context.db, actor.accountId)) !== undefined) throw new Refusal('factor_exists')
  await context.db
    .insert(totpFactors)
    .values({ accountId: actor.accountId, sealedSecret, createdAt })
    .onConflictDoUpdate({
      target: totpFactors.accountId,
      set: { sealedSecret, createdAt, lastStep: 0 },
      // A confirmed one that was set up at the same moment is not overwritten.
      setWhere: sql`${totpFactors.confirmedAt} is null`,
    })
  return { secret, address: totpAddress(secret, actor.name) }
}
