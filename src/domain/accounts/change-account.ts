import { and, eq, ne } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor, Role } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { accounts } from './account.table.ts'
import { endSessions } from './sessions/end-sessions.ts'

/**
 * Changes another person's roles or status and ends their sessions: the next one begins with the new rights. Refuses with
 * `not_found` (erased people included), and `not_allowed` for one's own account, so that the last admin cannot lock the shop.
 */
export async function changeAccount(
  context: Context,
  actor: PersonActor,
  accountId: string,
  change: { roles?: readonly Role[] | undefined; status?: 'active' | 'disabled' | undefined },
): Promise<void> {
  if (accountId === actor.accountId) throw new Refusal('not_allowed', { detail: 'Somebody else has to change your own rights.' })
  const now = context.clock.now()
  await context.db.transaction(async (tx) => {
    const [before] = await tx
      .select({ roles: accounts.roles, status: accounts.status })
      .from(accounts)
      .where(and(eq(accounts.id, accountId), ne(accounts.status, 'erased')))
      .for('update')
    if (before === undefined) throw new Refusal('not_found')
    const after = { roles: [...(change.roles ?? before.roles)], status: change.status ?? before.status }
    await tx.update(accounts).set(after).where(eq(accounts.id, accountId))
    await endSessions(tx, now, accountId)
    await audit(tx, { now, ids: context.ids, actor }, { action: 'account.rights_changed', target: accountId, data: { before, after } })
  })
  context.hub.recheck({ userId: accountId })
}
