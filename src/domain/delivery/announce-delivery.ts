import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue, type OutboxMessage } from '../../platform/outbox.ts'
import type { Hub } from '../../platform/realtime/hub.ts'
import { deliveryChannel, type DeliveryEventFacts } from './delivery.facts.ts'

/** The outbox topic of messages to those who watch a delivery. */
export const liveDeliveryTopic = 'live.delivery'

/** What the watchers of a delivery are to hear. */
export interface DeliveryAnnouncement {
  readonly deliveryId: string
  /** Number of the event. */
  readonly version: number
  readonly facts: DeliveryEventFacts
  /** Whether the right to watch may have changed. */
  readonly recheck: boolean
}

/** Stages a message to the watchers in the commit of the change it tells of. A step. */
export const announceDelivery = (tx: Tx, stamp: Stamp, announcement: DeliveryAnnouncement): Promise<void> =>
  enqueue(tx, stamp, {
    topic: liveDeliveryTopic,
    payload: { ...announcement },
    dedupeKey: `${liveDeliveryTopic}:${announcement.deliveryId}:${announcement.version}`,
  })

/**
 * Tells the watchers, here and in the other processes; the outbox handler of `liveDeliveryTopic`. Bears being called twice: the
 * hub drops an event it has heard.
 */
export function tellWatchers(hub: Hub, message: Pick<OutboxMessage, 'payload'>): void {
  const { deliveryId, version, facts, recheck } = message.payload as unknown as Omit<DeliveryAnnouncement, 'facts'> & {
    facts?: DeliveryEventFacts
  }
  const channel = deliveryChannel(deliveryId)
  // Staged by a version before this one: whoever watches is told with the next event, which shows the gap.
  if (facts !== undefined) hub.publish(channel, { lane: 'event', version, facts })
  if (recheck) hub.recheck({ channel })
}
