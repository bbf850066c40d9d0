import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue, type OutboxMessage } from '../../platform/outbox.ts'
import type { Hub } from '../../platform/realtime/hub.ts'

/** The outbox topic of messages to those who watch a delivery. */
export const liveDeliveryTopic = 'live.delivery'

/** The hub's name of a delivery. */
export const deliveryChannel = (deliveryId: string): string => `d:${deliveryId}`

/** What the watchers of a delivery are to hear. */
export interface DeliveryAnnouncement {
  readonly deliveryId: string
  /** Number of the event. */
  readonly version: number
  readonly frames: readonly string[]
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
  const { deliveryId, version, frames, recheck } = message.payload as unknown as DeliveryAnnouncement
  const channel = deliveryChannel(deliveryId)
  hub.publish(channel, { lane: 'event', version, frames })
  if (recheck) hub.recheck({ channel })
}
