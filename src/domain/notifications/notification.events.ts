/** By which ways somebody can be told. */
export interface Ways {
  readonly inApp: boolean
  readonly email: boolean
  readonly sms: boolean
}

const usual = (email: boolean, sms: boolean): Ways => ({ inApp: true, email, sms })

/** What people are told of, and by which ways unless they have chosen otherwise (design: storefront.md 4.3). */
export const notificationEvents = {
  'order.paid': usual(true, false),
  'order.cancelled': usual(true, false),
  'order.refunded': usual(true, true),
  'delivery.on_the_way': usual(true, true),
  'delivery.near': usual(false, true),
  'delivery.delivered': usual(true, true),
  'delivery.failed': usual(true, true),
  'run.assigned': usual(false, true),
  'run.unassigned': usual(false, true),
  'vendor_application.updated': usual(true, false),
  'account.security': usual(true, false),
} as const satisfies Record<string, Ways>

/** What people are told of. */
export type NotificationEvent = keyof typeof notificationEvents

/** How it is shown. */
export type NotificationLevel = 'info' | 'success' | 'warning' | 'error'
