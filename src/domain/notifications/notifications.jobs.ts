import type { Context } from '../../context.ts'
import { accountChannel } from './notification.facts.ts'
import { type LiveNotification, liveNotificationTopic } from './notify.ts'

/** Registers what happens after a commit that told somebody something: whoever is looking sees it. */
export function notificationsJobs({ outbox, hub }: Pick<Context, 'outbox' | 'hub'>): void {
  outbox.handle(liveNotificationTopic, async ({ payload }) => {
    const { accountId, seq, facts } = payload as unknown as LiveNotification
    hub.publish(accountChannel(accountId), { lane: 'event', version: seq, facts })
  })
}
