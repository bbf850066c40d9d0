import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { unseal } from '../../../lib/seal.ts'
import { audit } from '../../../platform/audit.ts'
import { recoveryCodes, totpFactors } from '../second-factor.table.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import type { SignedIn } from '../sessions/open-session.ts'
import { rotateSession } from '../sessions/rotate-session.ts'
import { recoveryHash, totpPurpose } from './check-code.ts'
import { totpStep } from './totp.codes.ts'

const codesAtOnce = 10

/**
 * Confirms the second factor with its first code. Every other session ends, this one gets a new token and counts as proven by both
 * factors. Answers ten recovery codes, shown once. Refuses with `wrong_code` and `factor_exists`.
 */
export async function confirmTotp(
  context: Context,
  actor: PersonActor,
  code: string,
): Promise<{ session: SignedIn; recoveryCodes: string[] }> {
  const now = context.clock.now()
  const [offered] = await context.db
    .select({ sealedSecret: totpFactors.sealedSecret, confirmedAt: totpFactors.confirmedAt })
    .from(totpFactors)
    .where(eq(totpFactors.accountId, actor.accountId))
  if (offered?.confirmedAt) throw new Refusal('factor_exists')
  const secret = offered === undefined ? undefined : unseal(context.config.appSecret, totpPurpose, offered.sealedSecret)
  const step = secret === undefined ? undefined : totpStep(secret, code.replace(/\s/g, ''), now)
  if (step === undefined) throw new Refusal('wrong_code')

  const codes = Array.from({ length: codesAtOnce }, newRecoveryCode)
  const session = await context.db.transaction(async (tx) => {
    const confirmed = await tx
      .update(totpFactors)
      .set({ confirmedAt: now, lastStep: step })
      .where(and(eq(totpFactors.accountId, actor.accountId), isNull(totpFactors.confirmedAt)))
      .returning({ accountId: totpFactors.accountId })
    if (confirmed.length === 0) throw new Refusal('factor_exists')
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.accountId, actor.accountId))
    await tx.insert(recoveryCodes).values(
      codes.map((each) => ({
        id: context.ids.next(),
        accountId: actor.accountId,
        codeHash: recoveryHash(actor.accountId, each.replaceAll('-', '')),
        createdAt: now,
      })),
    )
    await endSessions(tx, now, actor.accountId, { butId: actor.sessionId })
    await audit(tx, { now, ids: context.ids, actor }, { action: 'account.second_factor_set', target: actor.accountId })
    return await rotateSession(context, tx, actor, { secondFactor: true })
  })
  context.hub.recheck({ userId: actor.accountId })
  return { session, recoveryCodes: codes }
}

// No look-alikes and no vowels; sixteen of 27 letters are 76 bits, far beyond guessing against the back-off.
const alphabet = '23456789BCDFGHJKMNPQRSTVWXYZ'

function newRecoveryCode(): string {
  let code = ''
  while (code.length < 16)
    for (const byte of crypto.getRandomValues(new Uint8Array(24)))
      if (byte < 252 && code.length < 16) code += alphabet[byte % alphabet.length]
  return code.replace(/(.{4})(?=.)/g, '$1-')
}
