import type { Context } from '../../context.ts'
import { after, days } from '../../lib/time.ts'
import { liveDeliveryTopic, tellWatchers } from './announce-delivery.ts'
import { purgeTrails } from './purge-trails.ts'

/** Registers what delivery does after a commit (the watchers are told) and at night (old trails are forgotten). */
export function deliveryJobs({ outbox, hub, jobs, db, clock, config }: Context): void {
  outbox.handle(liveDeliveryTopic, async (message) => tellWatchers(hub, message))
  jobs.schedule('purge-trails', '25 3 * * *', async () => {
    await purgeTrails(db, after(clock.now(), -days(config.limits.trailKeepDays)))
  })
}
