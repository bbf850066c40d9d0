import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { seal } from '../../lib/seal.ts'
import { hours } from '../../lib/time.ts'
import { audit } from '../../platform/audit.ts'
import { constraintOf } from '../../platform/db-error.ts'
import { enqueue } from '../../platform/outbox.ts'
import { accounts } from './account.table.ts'
import { resetPurpose } from './forgot-password.ts'
import { issueToken } from './issue-token.ts'
import { parseEmail } from './login.parse.ts'
import { proveIdentity } from './prove-identity.ts'
import { spendToken } from './spend-token.ts'

/**
 * Asks for a new e-mail or phone: a link goes to the new one, and nothing changes before it is opened. The answer is the same for one
 * that somebody else has. Refuses with `wrong_credentials`, `invalid_input`, `phone_invalid`.
 */
export async function changeContact(context: Context, actor: PersonActor, input: { contact: string; password: string }): Promise<void> {
  const contact = parsePhone(input.contact) ?? parseEmail(input.contact)
  if (contact === undefined)
    throw new Refusal('invalid_input', {
      fields: [{ path: '/body/contact', code: 'contact', message: 'Write an e-mail address or a Kenyan mobile number.' }],
    })
  await proveIdentity(context, actor, { password: input.password })
  await context.db.transaction(async (tx) => {
    const id = context.ids.next()
    await issueToken(context, tx, { id, accountId: actor.accountId, purpose: 'contact', contact, lifeMs: hours(24) })
    await enqueue(tx, { now: context.clock.now(), ids: context.ids, actor }, { topic: 'account.contact', payload: { tokenId: id } })
  })
  context.outbox.wake('outbox')
}

/** Takes the new e-mail or phone of a link, by the person who asked for it, and tells the old one. Refuses with `gone`, also when somebody else has it by now. */
export async function confirmContact(context: Context, actor: PersonActor, token: string): Promise<void> {
  const now = context.clock.now()
  try {
    await context.db.transaction(async (tx) => {
      const { accountId, contact } = await spendToken(tx, now, 'contact', token)
      // A link that was forwarded to somebody else must not change their account, nor by them ours.
      if (accountId !== actor.accountId || contact === null) throw new Refusal('gone')
      const column = contact.includes('@') ? 'email' : 'phone'
      const [before] = await tx.select({ email: accounts.email, phone: accounts.phone }).from(accounts).where(eq(accounts.id, accountId))
      await tx
        .update(accounts)
        .set({ [column]: contact })
        .where(eq(accounts.id, accountId))
      const stamp = { now, ids: context.ids, actor }
      await audit(tx, stamp, { action: 'account.contact_changed', target: accountId, data: { kind: column } })
      const old = before?.[column]
      if (old != null)
        await enqueue(tx, stamp, {
          topic: 'account.contact_changed',
          payload: { contact: seal(context.config.appSecret, resetPurpose, old) },
        })
    })
  } catch (error) {
    if (/^accounts_(email|phone)_unique$/.test(constraintOf(error) ?? '')) throw new Refusal('gone', { cause: error })
    throw error
  }
  context.outbox.wake('outbox')
}
