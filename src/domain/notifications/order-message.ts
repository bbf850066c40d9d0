import type { OutboxMessage } from '../../platform/outbox.ts'

/** What shoppers are told about an order. */
export type OrderEventName =
  | 'placed'
  | 'paid'
  | 'payment_failed'
  | 'owed_back'
  | 'refunded'
  | 'packed'
  | 'on_the_road'
  | 'rider_near'
  | 'attempt_failed'
  | 'delivered'
  | 'cancelled'
  | 'expired'
  | 'return_requested'
  | 'return_approved'
  | 'return_refused'
  | 'return_received'
  | 'note'

/** The outbox topic of everything shoppers are told about an order. */
export const orderMessageTopic = 'order.message'

/**
 * A message about an order, to be staged in the commit of what it tells. `about` is the id of the transaction, return or note it is
 * about; one event is told once for each, and once an order where there is none.
 */
export const orderMessage = (event: OrderEventName, orderId: string, about?: string): OutboxMessage => ({
  topic: orderMessageTopic,
  payload: { event, orderId, ...(about === undefined ? {} : { about }) },
  dedupeKey: `${orderMessageTopic}:${event}:${about ?? orderId}`,
})
