import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { orders } from '../../domain/orders/order.table.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import type { ClaimedMessage } from '../../platform/outbox.ts'
import { type PaymentMessage } from './checkout.messages.ts'
import { orderToken } from './place-order.ts'

/** Texts the shopper about a payment; the outbox handler of `order.paid` and `payment.owed_back`. The message id is the outbox row's, so a repeat can be told. */
export async function sendPaymentMessage(
  context: Context,
  message: ClaimedMessage,
  write: (about: PaymentMessage) => string,
): Promise<void> {
  const [about] = await context.payDb
    .select({
      id: orders.id,
      orderNumber: orders.number,
      phone: orders.contactPhone,
      amountMinor: transactions.amountMinor,
      currency: transactions.currency,
      receipt: transactions.receipt,
    })
    .from(transactions)
    .innerJoin(orders, eq(orders.id, transactions.orderId))
    .where(eq(transactions.id, String(message.payload['transactionId'])))
  if (about === undefined) throw new Error('the message is about a transaction that does not exist')
  const orderUrl = `${context.config.publicUrl}/track/${orderToken(context, about.id)}`
  await context.sms.send({ to: about.phone, text: write({ ...about, orderUrl }), messageId: message.id })
}
