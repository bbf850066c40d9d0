import { and, eq, isNotNull, isNull, lt } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { unseal } from '../../../lib/seal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import { recoveryCodes, totpFactors } from '../second-factor.table.ts'
import { factorOf } from './factor.queries.ts'
import { totpStep } from './totp.codes.ts'

/** What the second factor's secret is sealed for. */
export const totpPurpose = 'totp'

/**
 * Takes a code of the account's second factor: six digits of a time step newer than the last one taken, or a recovery code that was
 * not used yet. The same update that takes it spends it, so of two at once one is refused. False for anything else.
 */
export async function checkCode(context: Context, accountId: string, typed: string): Promise<boolean> {
  const code = typed.replace(/[\s-]/g, '').toUpperCase()
  if (/^\d{6}$/.test(code)) return await takeDigits(context, accountId, code)
  return recoveryForm.test(code) && (await spendRecoveryCode(context, accountId, code))
}

const recoveryForm = /^[2-9BCDFGHJKMNPQRSTVWXYZ]{16}$/

/** How a recovery code is kept: bound to its account, so that the hash says nothing about equal codes of others. */
export const recoveryHash = (accountId: string, code: string): string => sha256Hex(`recovery:${accountId}:${code}`)

async function takeDigits(context: Context, accountId: string, code: string): Promise<boolean> {
  const factor = await factorOf(context.db, accountId)
  const secret = factor === undefined ? undefined : unseal(context.config.appSecret, totpPurpose, factor.sealedSecret)
  const step = secret === undefined ? undefined : totpStep(secret, code, context.clock.now())
  if (step === undefined) return false
  const taken = await context.db
    .update(totpFactors)
    .set({ lastStep: step })
    .where(and(eq(totpFactors.accountId, accountId), isNotNull(totpFactors.confirmedAt), lt(totpFactors.lastStep, step)))
    .returning({ accountId: totpFactors.accountId })
  return taken.length === 1
}

async function spendRecoveryCode(context: Context, accountId: string, code: string): Promise<boolean> {
  const spent = await context.db
    .update(recoveryCodes)
    .set({ usedAt: context.clock.now() })
    .where(
      and(eq(recoveryCodes.accountId, accountId), eq(recoveryCodes.codeHash, recoveryHash(accountId, code)), isNull(recoveryCodes.usedAt)),
    )
    .returning({ id: recoveryCodes.id })
  return spent.length === 1
}
