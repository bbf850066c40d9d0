import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { accounts, sessions } from './account.table.ts'
import { accountTokens } from './account-token.table.ts'
import { apiKeys } from './api-key.table.ts'
import { recoveryCodes, totpFactors } from './second-factor.table.ts'

/** Takes everything from an account that says who it was, and all ways into it. The row stays: orders and the audit log refer to it. A step. */
export async function eraseAccount(tx: Tx, now: Date, accountId: string): Promise<void> {
  for (const table of [sessions, accountTokens, apiKeys, recoveryCodes, totpFactors])
    await tx.delete(table).where(eq(table.accountId, accountId))
  await tx
    .update(accounts)
    .set({ email: null, phone: null, passwordHash: null, name: 'Erased', roles: [], status: 'erased', erasedAt: now })
    .where(eq(accounts.id, accountId))
}
