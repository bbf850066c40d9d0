import type { Context } from '../../context.ts'
import { liveDeliveryTopic, tellWatchers } from './announce-delivery.ts'

/** Registers what delivery does after a commit: the watchers are told. */
export function deliveryJobs(context: Pick<Context, 'outbox' | 'hub'>): void {
  context.outbox.handle(liveDeliveryTopic, async (message) => tellWatchers(context.hub, message))
}
