import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { hours } from '../../lib/time.ts'
import { audit } from '../../platform/audit.ts'
import { accounts } from './account.table.ts'
import { issueToken } from './issue-token.ts'

/**
 * Makes the account of the first admin of a new shop, without a password, and answers the token of the link by which its owner sets
 * one within an hour. Refuses with `conflict` when an active admin exists (that one appoints others, which is audited under their
 * name), and with `email_taken`.
 */
export async function appointFirstAdmin(context: Context, input: { email: string; name: string }): Promise<string> {
  return await context.db.transaction(async (tx) => {
    // Two who try at once: the second sees the first's admin.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('first admin'))`)
    const [admin] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(sql`${accounts.status} = 'active' and 'admin' = any(${accounts.roles})`)
      .limit(1)
    if (admin !== undefined) throw new Refusal('conflict', { detail: 'This shop has an admin, who can appoint others.' })
    const id = context.ids.next()
    const [made] = await tx
      .insert(accounts)
      .values({ id, email: input.email.trim().toLowerCase(), name: input.name.trim(), roles: ['admin'] })
      .onConflictDoNothing()
      .returning({ id: accounts.id })
    if (made === undefined) throw new Refusal('email_taken')
    await audit(tx, systemStamp('shop first-admin', context), { action: 'account.first_admin', target: id })
    return await issueToken(context, tx, { id: context.ids.next(), accountId: id, purpose: 'reset', lifeMs: hours(1) })
  })
}
