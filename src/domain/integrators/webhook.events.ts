/** What integrators can be told of, with a sentence for the docs. A vendor's endpoint hears of orders with its goods only. */
export const webhookEvents = {
  'order.paid': 'The price of an order is proven; its goods may be packed.',
  'order.packed': 'An order is packed and waits for a rider.',
  'order.on_the_road': 'An order is on its way.',
  'order.delivered': 'An order was handed over.',
  'order.returned': 'An order came back.',
  'order.cancelled': 'An order was called off.',
  'order.expired': 'An order was not paid in time.',
  'order.refunded': 'Money of an order reached the shopper again.',
  'webhook.test': 'Sent when somebody asks for a test.',
} as const satisfies Record<string, string>

/** What integrators can be told of. */
export type WebhookEvent = keyof typeof webhookEvents

/** All of them. */
export const webhookEventNames = Object.keys(webhookEvents) as WebhookEvent[]
