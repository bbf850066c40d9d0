import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import { enqueue } from '../../platform/outbox.ts'
import { accounts } from './account.table.ts'
import { accountTokens } from './account-token.table.ts'
import { hashPassword } from './hash-password.ts'
import { checkPassword } from './password.rules.ts'
import { endSessions } from './sessions/end-sessions.ts'
import { spendToken } from './spend-token.ts'

/**
 * Sets a new password by a link. Ends every session and every other link of the account and tells its owner. Nobody is signed in: a
 * second factor, where there is one, is still asked for. Refuses with `gone`, `password_weak`, `overloaded`.
 */
export async function resetPassword(context: Context, input: { token: string; password: string }): Promise<void> {
  checkPassword(input.password, [])
  const passwordHash = await hashPassword(input.password)
  const now = context.clock.now()
  const accountId = await context.db.transaction(async (tx) => {
    const { accountId: owner } = await spendToken(tx, now, 'reset', input.token)
    const [changed] = await tx
      .update(accounts)
      .set({ passwordHash, passwordChangedAt: now })
      .where(and(eq(accounts.id, owner), eq(accounts.status, 'active')))
      .returning({ id: accounts.id })
    if (changed === undefined) throw new Refusal('gone')
    await tx
      .update(accountTokens)
      .set({ usedAt: now })
      .where(and(eq(accountTokens.accountId, owner), isNull(accountTokens.usedAt)))
    await endSessions(tx, now, owner)
    const stamp = systemStamp('accounts', context)
    await audit(tx, stamp, { action: 'account.password_reset', target: owner })
    await enqueue(tx, stamp, { topic: 'account.password_changed', payload: { accountId: owner } })
    return owner
  })
  context.hub.recheck({ userId: accountId })
  context.outbox.wake('outbox')
}
