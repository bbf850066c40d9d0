import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { unseal } from '../../lib/seal.ts'
import { minutes } from '../../lib/time.ts'
import { MailError } from '../../platform/mail.ts'
import type { ClaimedMessage } from '../../platform/outbox.ts'
import {
  activationMessage,
  type AccountMessage,
  contactChangedMessage,
  contactMessage,
  knownMessage,
  passwordChangedMessage,
  resetMessage,
} from './account.messages.ts'
import { accountView } from './account.queries.ts'
import { accountTokens } from './account-token.table.ts'
import { findAccount } from './find-account.ts'
import { resetPurpose } from './forgot-password.ts'
import { issueToken } from './issue-token.ts'
import { parseLogin } from './login.parse.ts'
import { activationToken } from './register.ts'
import { registrations } from './registration.table.ts'

interface Contact {
  readonly email: string | null
  readonly phone: string | null
}

/**
 * Writes and sends what an account's owner is to be told; the outbox handler of every `account.*` topic. Links are made here again
 * from their rows, so that no token ever lies in the outbox.
 */
export async function sendAccountMessage(context: Context, message: ClaimedMessage): Promise<void> {
  const page = (path: string): string => `${context.config.publicUrl}${path}`
  const text = (name: string): string => {
    const value = message.payload[name]
    return typeof value === 'string' ? value : ''
  }
  switch (message.topic) {
    case 'account.activate':
    case 'account.known': {
      const [asked] = await context.db
        .select()
        .from(registrations)
        .where(eq(registrations.id, text('registrationId')))
      if (asked === undefined) return
      return await deliver(
        context,
        message.id,
        asked,
        message.topic === 'account.known'
          ? knownMessage(page('/account'), page('/account/forgot'))
          : activationMessage(asked.name, page(`/account/activate?token=${activationToken(context, asked.id)}`)),
      )
    }
    case 'account.reset': {
      const login = unseal(context.config.appSecret, resetPurpose, text('login'))
      const account = login === undefined ? undefined : await findAccount(context.db, parseLogin(login))
      // Nobody's login: there is nothing to send, and nobody is told.
      if (account?.status !== 'active') return
      const token = await issueToken(context, context.db, {
        id: message.id,
        accountId: account.id,
        purpose: 'reset',
        lifeMs: minutes(30),
      })
      return await deliver(context, message.id, account, resetMessage(page(`/account/reset?token=${token}`)))
    }
    case 'account.password_changed': {
      const view = await accountView(context.db, text('accountId'))
      if (view === undefined) return
      return await deliver(context, message.id, view, passwordChangedMessage(page('/account/forgot'), context.config.supportEmail))
    }
    case 'account.contact': {
      const [asked] = await context.db
        .select({ accountId: accountTokens.accountId, contact: accountTokens.contact })
        .from(accountTokens)
        .where(eq(accountTokens.id, text('tokenId')))
      if (asked?.contact == null) return
      const token = await issueToken(context, context.db, {
        id: text('tokenId'),
        accountId: asked.accountId,
        purpose: 'contact',
        contact: asked.contact,
        lifeMs: 0,
      })
      return await deliver(context, message.id, contactOf(asked.contact), contactMessage(page(`/account/contact?token=${token}`)))
    }
    case 'account.contact_changed': {
      const old = unseal(context.config.appSecret, resetPurpose, text('contact'))
      if (old === undefined) return
      return await deliver(context, message.id, contactOf(old), contactChangedMessage(context.config.supportEmail))
    }
    default:
      throw new Error(`no letter is known for ${message.topic}`)
  }
}

const contactOf = (contact: string): Contact => (contact.includes('@') ? { email: contact, phone: null } : { email: null, phone: contact })

async function deliver(context: Context, messageId: string, to: Contact, what: AccountMessage): Promise<void> {
  if (to.email === null) return await context.sms.send({ to: to.phone ?? '', text: what.sms, messageId })
  try {
    await context.mailer.send({ to: to.email, subject: what.subject, text: what.text, messageId })
  } catch (error) {
    // A mailbox that does not exist will not exist at the next try.
    if (!(error instanceof MailError) || !error.isPermanent) throw error
    context.log.warn({ messageId }, 'an account letter was refused for good')
  }
}
