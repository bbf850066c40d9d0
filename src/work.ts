import type { Context } from './context.ts'
import { accountsJobs } from './domain/accounts/accounts.jobs.ts'
import { catalogJobs } from './domain/catalog/catalog.jobs.ts'
import { deliveryJobs } from './domain/delivery/delivery.jobs.ts'
import { integratorsJobs } from './domain/integrators/integrators.jobs.ts'
import { invoicingJobs } from './domain/invoicing/invoicing.jobs.ts'
import { notificationsJobs } from './domain/notifications/notifications.jobs.ts'
import { paymentsJobs } from './domain/payments/payments.jobs.ts'
import { vendorsJobs } from './domain/vendors/vendors.jobs.ts'
import { after, hours } from './lib/time.ts'
import { forgetKeys } from './platform/idempotency.ts'
import { upkeepJobs } from './platform/upkeep.jobs.ts'
import { messagesJobs } from './workflows/messages/messages.jobs.ts'
import { checkoutJobs } from './workflows/checkout/checkout.jobs.ts'

/** Every piece of background work of the shop in one list, wired before any of it runs. */
export function wireWork(context: Context): void {
  checkoutJobs(context)
  messagesJobs(context)
  paymentsJobs(context)
  invoicingJobs(context)
  integratorsJobs(context)
  vendorsJobs(context)
  deliveryJobs(context)
  notificationsJobs(context)
  accountsJobs(context)
  catalogJobs(context)
  upkeepJobs(context)
  // 72 hours, so that a fault shipped on a Friday can still be replayed on Monday.
  context.jobs.schedule(
    'forget-idempotency-keys',
    '10 3 * * *',
    async () => await forgetKeys(context.db, after(context.clock.now(), -hours(72))),
  )
}
