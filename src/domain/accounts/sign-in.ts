import { eq, or, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { after, days } from '../../lib/time.ts'
import { accounts, sessions } from './account.table.ts'
import { verifyPassword } from './hash-password.ts'

/** How long a shopper stays signed in. */
export const sessionAgeMs = days(30)

/** A fresh sign-in: the token is shown once and kept only as a hash. */
export interface SignedIn {
  readonly token: string
  readonly expiresAt: Date
  readonly accountId: string
}

// The hash of a random password nobody knows: an unknown e-mail costs the same work as a wrong password, so that neither the
// answer nor its delay tells which accounts exist.
const nobodysHash = '$argon2id$v=19$m=19456,t=2,p=1$sOvjwkk4ZU1H5tknrVx4mxz0iqFGKeKAmRsUA3j9pRo$0XlXQn1I+BqDT5hVAqJ3VALeq5Phte6v3JRSAFrb2uw'

/**
 * Signs somebody in by e-mail or Kenyan phone number and password. Refuses with `wrong_credentials` for an unknown, disabled or
 * wrong one alike, `overloaded` when too many sign-ins wait.
 */
export async function signIn(context: Context, input: { login: string; password: string; userAgent: string | null }): Promise<SignedIn> {
  const phone = parsePhone(input.login)
  const email = sql`lower(${accounts.email}) = lower(${input.login.trim()})`
  const [account] = await context.db
    .select({ id: accounts.id, passwordHash: accounts.passwordHash, status: accounts.status })
    .from(accounts)
    .where(phone === undefined ? email : or(email, eq(accounts.phone, phone)))
    .limit(1)
  const isRight = await verifyPassword(input.password, account?.passwordHash ?? nobodysHash)
  if (account === undefined || account.passwordHash === null || account.status !== 'active' || !isRight) throw new Refusal('wrong_credentials')

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
