import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { requestScope } from '../../platform/http/request-scope.ts'
import { accounts } from './account.table.ts'
import { findAccount, type FoundAccount } from './find-account.ts'
import { hashPassword } from './hash-password.ts'
import { loginKey, parseLogin } from './login.parse.ts'
import { checkCode } from './second-factor/check-code.ts'
import { factorOf } from './second-factor/factor.queries.ts'
import { openSession, type SignedIn } from './sessions/open-session.ts'
import { isDjangoHash, verifyPassword } from './verify-password.ts'

export type { SignedIn }

/** What somebody typed to sign in. `code`: six digits or a recovery code, where the account has a second factor. */
export interface SignInInput {
  readonly login: string
  readonly password: string
  readonly code?: string | undefined
  readonly userAgent: string | null
}

/**
 * Signs somebody in by e-mail or Kenyan phone number and password. Refuses with `wrong_credentials` for an unknown, disabled or
 * wrong one alike, `code_required` and `wrong_code` where the account has a second factor, `too_many_requests` while the login has
 * to wait after failures (the same for logins that do not exist), `overloaded` when too many sign-ins wait. A password kept as the
 * old shop's hash is hashed anew on the way.
 */
export async function signIn(context: Context, input: SignInInput): Promise<SignedIn> {
  const login = parseLogin(input.login)
  const key = `login:${loginKey(login)}`
  const waitMs = await context.backoff.waitMs(key)
  if (waitMs > 0) throw new Refusal('too_many_requests', { retryAfterS: Math.ceil(waitMs / 1_000) })

  const account = await findAccount(context.db, login)
  const isRight = await verifyPassword(input.password, account?.passwordHash, await anyDjangoHash(context))
  if (account === undefined || account.passwordHash === null || account.status !== 'active' || !isRight)
    return await refuseTry(context, key, 'wrong_credentials')
  const hasSecondFactor = await passSecondFactor(context, key, account, input.code)
  await context.backoff.clear(key)
  context.log.info({ event: 'sign_in', accountId: account.id, hasSecondFactor }, 'signed in')
  if (isDjangoHash(account.passwordHash)) await renewHash(context, account.id, input.password, account.passwordHash)
  return await openSession(context, context.db, {
    accountId: account.id,
    roles: account.roles,
    userAgent: input.userAgent,
    hasSecondFactor,
  })
}

/** Whether a code was given and taken; false where the account has no second factor. */
async function passSecondFactor(context: Context, key: string, account: FoundAccount, code: string | undefined): Promise<boolean> {
  const factor = await factorOf(context.db, account.id)
  if (factor === undefined) return false
  if (code === undefined || code.trim() === '') throw new Refusal('code_required')
  return (await checkCode(context, account.id, code)) || (await refuseTry(context, key, 'wrong_code'))
}

async function refuseTry(context: Context, key: string, code: 'wrong_credentials' | 'wrong_code'): Promise<never> {
  await context.backoff.fail(key)
  // Without the login: whoever mistypes often types the password there. The access log has the request's id and outcome.
  context.log.warn({ event: 'sign_in_refused', why: code, requestId: requestScope()?.requestId }, 'a sign-in was refused')
  throw new Refusal(code)
}

/** A hash of the old shop, while any account still has one. Answered from a partial index that is empty in the end. */
async function anyDjangoHash(context: Context): Promise<string | null | undefined> {
  // The condition is the index's own, letter by letter; with a parameter in it the planner could not tell.
  const [old] = await context.db
    .select({ passwordHash: accounts.passwordHash })
    .from(accounts)
    .where(sql`${accounts.passwordHash} like 'pbkdf2_sha256$%'`)
    .limit(1)
  return old?.passwordHash
}

/** Replaces an old hash, unless the password was changed meanwhile. */
async function renewHash(context: Context, accountId: string, password: string, oldHash: string): Promise<void> {
  const passwordHash = await hashPassword(password)
  await context.db
    .update(accounts)
    .set({ passwordHash })
    .where(and(eq(accounts.id, accountId), eq(accounts.passwordHash, oldHash)))
}
