import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { OrderEventName } from '../../domain/notifications/order-message.ts'
import { writeOrderMessage } from '../../domain/notifications/order-message.templates.ts'
import { sendMessage } from '../../domain/notifications/send-message.ts'
import { orderLines, orderNotes, orders } from '../../domain/orders/order.table.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import { returns } from '../../domain/returns/return.table.ts'
import { isLang } from '../../lib/language.ts'
import { orderLinkToken } from '../../lib/signature.ts'

/** What happened to which order; `about` is the transaction, return or note it is about. */
export interface OrderEvent {
  readonly event: OrderEventName
  readonly orderId: string
  readonly about?: string | undefined
}

/**
 * Tells a shopper about an order, by text message and, where they left an address, by letter, in the language they ordered in; the
 * work of an outbox message. Bears being done twice: each way is told once. Throws when a way failed for now, after trying both.
 */
export async function tellShopper(context: Context, { event, orderId, about }: OrderEvent): Promise<void> {
  const db = context.payDb
  const [order] = await db.select().from(orders).where(eq(orders.id, orderId))
  if (order === undefined) throw new Error('the message is about an order that does not exist')
  const lines = await db.select().from(orderLines).where(eq(orderLines.orderId, orderId)).orderBy(orderLines.position)
  const language = isLang(order.language) ? order.language : 'en'
  const token = orderLinkToken(context.config.appSecret, orderId)
  const written = writeOrderMessage(event, language, {
    orderNumber: order.number,
    currency: order.currency,
    totalMinor: order.totalMinor,
    isPaidAtDoor: order.paymentMethod === 'cod',
    promisedTo: order.promisedTo,
    orderUrl: `${context.config.publicUrl}/track/${token}`,
    payUrl: `${context.config.publicUrl}/pay/${token}`,
    items: lines.map((line) => `${line.quantity} x ${line.name}, ${line.size}, ${line.colour}`),
    amountMinor: order.totalMinor,
    receipt: null,
    returnNumber: '',
    words: '',
    ...(await detailsOf(context, event, about)),
  })
  const message = {
    event,
    key: `${event}:${about ?? orderId}`,
    language,
    orderId,
    ...(order.accountId === null ? {} : { accountId: order.accountId }),
  }
  const ways = await Promise.allSettled([
    // Imported orders of people who are gone have no number.
    ...(order.contactPhone === '' ? [] : [sendMessage(context, { ...message, channel: 'sms', to: order.contactPhone, text: written.sms })]),
    ...(order.contactEmail === null
      ? []
      : [sendMessage(context, { ...message, channel: 'email', to: order.contactEmail, subject: written.subject, text: written.text })]),
  ])
  const failed = ways.find((way) => way.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function detailsOf(context: Context, event: OrderEventName, about: string | undefined) {
  const db = context.payDb
  if (about === undefined) return {}
  if (event === 'note') {
    const [note] = await db.select({ words: orderNotes.body }).from(orderNotes).where(eq(orderNotes.id, about))
    return note ?? {}
  }
  if (event.startsWith('return_')) {
    const [found] = await db.select().from(returns).where(eq(returns.id, about))
    return found === undefined ? {} : { returnNumber: found.number, words: found.refusal, amountMinor: found.refundMinor ?? 0n }
  }
  const [movement] = await db
    .select({ amountMinor: transactions.amountMinor, currency: transactions.currency, receipt: transactions.receipt })
    .from(transactions)
    .where(eq(transactions.id, about))
  return movement ?? {}
}
