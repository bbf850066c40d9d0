import { eq, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { accounts } from './account.table.ts'
import type { Login } from './login.parse.ts'

/** What signing in and resetting need to know of an account. */
export interface FoundAccount {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly phone: string | null
  readonly passwordHash: string | null
  readonly roles: string[]
  readonly status: string
}

/** The account behind an e-mail or phone number, whatever its status. */
export async function findAccount(db: DbOrTx, login: Login): Promise<FoundAccount | undefined> {
  const [account] = await db
    .select({
      id: accounts.id,
      name: accounts.name,
      email: accounts.email,
      phone: accounts.phone,
      passwordHash: accounts.passwordHash,
      roles: accounts.roles,
      status: accounts.status,
    })
    .from(accounts)
    .where(login.kind === 'phone' ? eq(accounts.phone, login.phone) : sql`lower(${accounts.email}) = lower(${login.email})`)
    .limit(1)
  return account
}
