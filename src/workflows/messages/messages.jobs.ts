import type { Context } from '../../context.ts'
import { orderMessageTopic, type OrderEventName } from '../../domain/notifications/order-message.ts'
import { tellShopper } from './tell-shopper.ts'

/** Messages to shoppers about their orders: what the outbox starts. */
export function messagesJobs(context: Context): void {
  const { outbox } = context
  outbox.handle(orderMessageTopic, async ({ payload }) => {
    const about = typeof payload['about'] === 'string' ? payload['about'] : undefined
    await tellShopper(context, { event: payload['event'] as OrderEventName, orderId: String(payload['orderId']), about })
  })
  outbox.handle('order.paid', async ({ payload }) => {
    await tellShopper(context, { event: 'paid', orderId: String(payload['orderId']), about: String(payload['transactionId']) })
  })
  outbox.handle('payment.owed_back', async ({ payload }) => {
    await tellShopper(context, { event: 'owed_back', orderId: String(payload['orderId']), about: String(payload['transactionId']) })
  })
}
