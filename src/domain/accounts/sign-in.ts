import { and, eq, or, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { after, days } from '../../lib/time.ts'
import { accounts, sessions } from './account.table.ts'
import { hashPassword } from './hash-password.ts'
import { isDjangoHash, verifyPassword } from './verify-password.ts'

/** How long a shopper stays signed in. */
export const sessionAgeMs = days(30)

/** A fresh sign-in: the token is shown once and kept only as a hash. */
export interface SignedIn {
  readonly token: string
  readonly expiresAt: Date
  readonly accountId: string
}

/**
 * Signs somebody in by e-mail or Kenyan phone number and password. Refuses with `wrong_credentials` for an unknown, disabled or
 * wrong one alike, `overloaded` when too many sign-ins wait. A password kept as the old shop's hash is hashed anew on the way.
 */
export async function signIn(context: Context, input: { login: string; password: string; userAgent: string | null }): Promise<SignedIn> {
  const phone = parsePhone(input.login)
  const email = sql`lower(${accounts.email}) = lower(${input.login.trim()})`
  const [account] = await context.db
    .select({ id: accounts.id, passwordHash: accounts.passwordHash, status: accounts.status })
    .from(accounts)
    .where(phone === undefined ? email : or(email, eq(accounts.phone, phone)))
    .limit(1)
  const isRight = await verifyPassword(input.password, account?.passwordHash, await anyDjangoHash(context))
  if (account === undefined || account.passwordHash === null || account.status !== 'active' || !isRight)
    throw new Refusal('wrong_credentials')
  if (isDjangoHash(account.passwordHash)) await renewHash(context, account.id, input.password, account.passwordHash)

  const now = context.clock.now()
  const token = context.ids.token()
  const expiresAt = after(now, sessionAgeMs)
  await context.db.insert(sessions).values({
    id: context.ids.next(),
    accountId: account.id,
    tokenHash: sha256Hex(token),
    userAgent: input.userAgent?.slice(0, 200) ?? null,
    createdAt: now,
    lastSeenAt: now,
    expiresAt,
  })
  return { token, expiresAt, accountId: account.id }
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
