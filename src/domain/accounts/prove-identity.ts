import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { accounts } from './account.table.ts'
import { checkCode } from './second-factor/check-code.ts'
import { verifyPassword } from './verify-password.ts'

/** What somebody shows to prove it is still them. */
export type Proof = { readonly password: string } | { readonly code: string }

/**
 * Checks a password or a code of the signed-in person. Refuses with `wrong_credentials`, `wrong_code`, and `too_many_requests` while
 * failures make the account wait.
 */
export async function proveIdentity(context: Context, actor: PersonActor, proof: Proof): Promise<void> {
  const key = `prove:${actor.accountId}`
  const waitMs = await context.backoff.waitMs(key)
  if (waitMs > 0) throw new Refusal('too_many_requests', { retryAfterS: Math.ceil(waitMs / 1_000) })
  const isRight =
    'code' in proof ? await checkCode(context, actor.accountId, proof.code) : await hasPassword(context, actor.accountId, proof.password)
  if (!isRight) {
    await context.backoff.fail(key)
    throw new Refusal('code' in proof ? 'wrong_code' : 'wrong_credentials')
  }
  await context.backoff.clear(key)
}

async function hasPassword(context: Context, accountId: string, password: string): Promise<boolean> {
  const [account] = await context.db.select({ passwordHash: accounts.passwordHash }).from(accounts).where(eq(accounts.id, accountId))
  return await verifyPassword(password, account?.passwordHash)
}
