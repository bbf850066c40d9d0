import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { minutes } from '../../lib/time.ts'
import { audit } from '../../platform/audit.ts'
import { accounts } from './account.table.ts'
import { findAccount } from './find-account.ts'
import { issueToken } from './issue-token.ts'
import { parseEmail } from './login.parse.ts'

/**
 * Makes the first admin of a shop, who makes all others: gives an account the role, or makes one without a password. Answers the
 * token of a link to set the password, good once for half an hour. Refuses with `conflict` when there is an admin already, and
 * with `invalid_input` for what is no e-mail.
 */
export async function makeFirstAdmin(context: Context, input: { email: string; name: string }): Promise<string> {
  const email = parseEmail(input.email)
  if (email === undefined) throw new Refusal('invalid_input')
  const stamp = systemStamp('shop make-admin', context)
  return await context.db.transaction(async (tx) => {
    // Two who type the command at once make one admin.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('first admin'))`)
    const [admin] = await tx.execute(sql`select 1 from accounts where 'admin' = any(roles) and status = 'active' limit 1`)
    if (admin !== undefined) throw new Refusal('conflict', { detail: 'The shop has an admin, who gives others the role.' })
    const known = await findAccount(tx, { kind: 'email', email })
    const id = known?.id ?? stamp.ids.next()
    if (known === undefined) await tx.insert(accounts).values({ id, email, name: input.name, roles: ['admin'], createdAt: stamp.now })
    else
      await tx
        .update(accounts)
        .set({ roles: [...new Set([...known.roles, 'admin'])], status: 'active' })
        .where(sql`${accounts.id} = ${id}`)
    await audit(tx, stamp, { action: 'account.rights_changed', target: id, data: { after: { roles: ['admin'] } } })
    return await issueToken(context, tx, { id: stamp.ids.next(), accountId: id, purpose: 'reset', lifeMs: minutes(30) })
  })
}
