import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { derivedToken, sha256Hex } from '../../lib/signature.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { after, hours } from '../../lib/time.ts'
import { enqueue } from '../../platform/outbox.ts'
import { findAccount } from './find-account.ts'
import { hashPassword } from './hash-password.ts'
import { parseEmail } from './login.parse.ts'
import { checkPassword } from './password.rules.ts'
import { registrations } from './registration.table.ts'

/** The terms a person agrees to today. A new text gets a new version, and who agreed to which stays known. */
export const termsVersion = '2026-11'

const linkMs = hours(24)

/** What somebody fills in. One of e-mail and phone; the link goes there. */
export interface RegisterInput {
  readonly name: string
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly password: string
  readonly wantsNews?: boolean | undefined
}

/**
 * Asks for an account. The link that makes it goes to the e-mail or phone; where that has an account already, a note that says so
 * goes there instead, and the answer, its time and its work are the same. Refuses with `invalid_input`, `phone_invalid`,
 * `password_weak`, `overloaded`.
 */
export async function register(context: Context, input: RegisterInput): Promise<void> {
  const contact = contactOf(input)
  const name = input.name.trim()
  checkPassword(input.password, [name, contact.email, contact.phone])
  // Hashed in both cases: this is what takes the time.
  const passwordHash = await hashPassword(input.password)
  const now = context.clock.now()
  const id = context.ids.next()
  const known = await findAccount(
    context.db,
    contact.email === undefined ? { kind: 'phone', phone: contact.phone ?? '' } : { kind: 'email', email: contact.email },
  )
  const stamp = systemStamp('accounts', context)
  await context.db.transaction(async (tx) => {
    await tx.insert(registrations).values({
      id,
      email: contact.email ?? null,
      phone: contact.phone ?? null,
      name,
      passwordHash,
      termsVersion,
      wantsNews: input.wantsNews ?? false,
      tokenHash: sha256Hex(activationToken(context, id)),
      createdAt: now,
      expiresAt: after(now, linkMs),
      // A link for an address that has an account would open nothing, so it is spent from the start.
      usedAt: known === undefined ? null : now,
    })
    await enqueue(tx, stamp, {
      topic: known === undefined ? 'account.activate' : 'account.known',
      payload: { registrationId: id },
      // One letter in five minutes to one address, however often somebody presses the button.
      dedupeKey: `register:${sha256Hex(contact.email?.toLowerCase() ?? contact.phone ?? '').slice(0, 32)}:${Math.floor(now.getTime() / 300_000)}:${known === undefined ? id : 'known'}`,
    })
  })
  context.outbox.wake('outbox')
}

/** The token in an activation link: made from the row's id again when the letter is written, so that it is stored nowhere. */
export const activationToken = (context: Context, registrationId: string): string =>
  derivedToken(context.config.appSecret, 'activate', registrationId)

function contactOf(input: RegisterInput): { email?: string; phone?: string } {
  const fail = (path: string, message: string): never => {
    throw new Refusal('invalid_input', { fields: [{ path, code: 'contact', message }] })
  }
  if ((input.email === undefined) === (input.phone === undefined))
    return fail('/body/email', 'Give an e-mail or a phone number; the other one can be added later.')
  if (input.phone !== undefined) {
    const phone = parsePhone(input.phone)
    if (phone === undefined) throw new Refusal('phone_invalid')
    return { phone }
  }
  const email = parseEmail(input.email ?? '')
  return email === undefined ? fail('/body/email', 'This is not an e-mail address.') : { email }
}

/** Forgets registrations nobody can use any more. Answers how many. */
export async function forgetRegistrations(context: Context, before: Date): Promise<number> {
  const gone = await context.db
    .delete(registrations)
    .where(sql`${registrations.createdAt} < ${before.toISOString()}::timestamptz`)
    .returning({ id: registrations.id })
  return gone.length
}
