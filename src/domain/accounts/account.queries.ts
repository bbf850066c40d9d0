import { eq, type SQL, sql } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
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

const view = { id: accounts.id, name: accounts.name, email: accounts.email, phone: accounts.phone, roles: accounts.roles }

/** The account of a signed-in person. */
export async function accountView(db: DbOrTx, accountId: string): Promise<AccountView | undefined> {
  const [account] = await db.select(view).from(accounts).where(eq(accounts.id, accountId))
  return account
}

/** An account as an admin sees it in a list. */
export interface ListedAccount extends AccountView {
  status: string
  createdAt: Date
}

/** One page of accounts, newest first, by a part of name, e-mail or phone and by role. */
export async function listAccounts(
  db: DbOrTx,
  filter: { search?: string | undefined; role?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: ListedAccount[]; nextCursor: string | null }> {
  const where: SQL[] = [sql`${accounts.status} <> 'erased'`]
  if (filter.search !== undefined && filter.search.trim() !== '') {
    const like = `%${filter.search.trim().replace(/[\\%_]/g, '\\$&')}%`
    where.push(sql`(${accounts.name} ilike ${like} or ${accounts.email} ilike ${like} or ${accounts.phone} like ${like})`)
  }
  if (filter.role !== undefined) where.push(sql`${filter.role} = any(${accounts.roles})`)
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  const [atMs, id] = after ?? []
  if (typeof atMs === 'number' && Number.isSafeInteger(atMs) && Math.abs(atMs) < 8e12 && typeof id === 'string' && isUuid(id))
    where.push(sql`(${accounts.createdAt}, ${accounts.id}) < (${new Date(atMs).toISOString()}::timestamptz, ${id}::uuid)`)
  const rows = await db
    .select({ ...view, status: accounts.status, createdAt: accounts.createdAt })
    .from(accounts)
    .where(sql.join(where, sql` and `))
    .orderBy(sql`${accounts.createdAt} desc, ${accounts.id} desc`)
    .limit(filter.limit + 1)
  const items = rows.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: rows.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.getTime(), last.id]) : null,
  }
}
