import { eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Lang } from '../../lib/language.ts'
import { describeError } from '../../platform/log.ts'
import { MailError } from '../../platform/mail.ts'
import { messages } from './message.table.ts'

/** A letter or text message to one person. */
export interface Message {
  /** What it tells: `placed`, `account.reset`, ... */
  readonly event: string
  /** The event and what it happened to; with the channel it is told once. */
  readonly key: string
  readonly channel: 'email' | 'sms'
  /** An address, or a canonical phone number (2547...). */
  readonly to: string
  readonly language: Lang
  readonly subject?: string
  readonly text: string
  readonly orderId?: string
  readonly accountId?: string
  /** Holds a link that opens an account: the words are sent and not kept. */
  readonly isSecret?: boolean
}

/**
 * Sends a message once: its row is written first, and one that was sent, refused for good or had no way out is not tried again. Call
 * it from outbox handlers only; throwing means: try again later. A crash between sending and writing that down sends it twice, under
 * the same message id.
 */
export async function sendMessage(context: Context, message: Message): Promise<void> {
  const { payDb: db, clock } = context
  const dedupeKey = `${message.key}:${message.channel}`
  await db
    .insert(messages)
    .values({
      id: context.ids.next(),
      dedupeKey,
      event: message.event,
      channel: message.channel,
      orderId: message.orderId ?? null,
      accountId: message.accountId ?? null,
      recipient: message.to,
      language: message.language,
      subject: message.subject ?? '',
      body: message.isSecret === true ? '' : message.text,
      createdAt: clock.now(),
    })
    .onConflictDoNothing({ target: messages.dedupeKey })
  const [row] = await db
    .select({ id: messages.id, state: messages.state, recipient: messages.recipient })
    .from(messages)
    .where(eq(messages.dedupeKey, dedupeKey))
  if (row === undefined || row.state !== 'queued') return
  const mark = async (change: Partial<typeof messages.$inferInsert>): Promise<void> =>
    void (await db
      .update(messages)
      .set({ attempts: sql`${messages.attempts} + 1`, ...change })
      .where(eq(messages.id, row.id)))
  try {
    const isOut = await handOver(context, { ...message, to: row.recipient }, row.id)
    await mark(isOut ? { state: 'sent', sentAt: clock.now(), lastError: null } : { state: 'off' })
  } catch (error) {
    const lastError = String(describeError(error)['message']).slice(0, 300)
    if (!(error instanceof MailError) || !error.isPermanent) {
      await mark({ lastError })
      throw error
    }
    await mark({ state: 'failed', lastError })
    context.log.warn({ messageId: row.id, event: message.event }, 'a letter will never be taken')
  }
}

/** False when the shop has no way out of that kind. */
async function handOver(context: Context, message: Message, messageId: string): Promise<boolean> {
  if (message.channel === 'sms') {
    await context.sms.send({ to: message.to, text: message.text, messageId })
    return true
  }
  return (await context.mailer.send({ to: message.to, subject: message.subject ?? '', text: message.text, messageId })) === 'sent'
}
