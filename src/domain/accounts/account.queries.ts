import { eq } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { accounts } from './account.table.ts'

/** What a person may see of their own account. */
export interface AccountView {
  id: string
  name: string
  email: string | null
  phone: string | null
  roles: string[]
}

/** The account of a signed-in person. */
export async function accountView(db: DbOrTx, accountId: string): Promise<AccountView | undefined> {
  const [account] = await db
    .select({ id: accounts.id, name: accounts.name, email: accounts.email, phone: accounts.phone, roles: accounts.roles })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  return account
}
