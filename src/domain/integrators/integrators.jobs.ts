import type { Context } from '../../context.ts'
import { createWebhookQueue } from './webhook.queue.ts'

/** Messages on their way to integrators. */
export function integratorsJobs(context: Context): void {
  context.outbox.join(createWebhookQueue(context))
}
