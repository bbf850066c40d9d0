import type { Server } from 'bun'
import { type Channel, topicsOf } from './channel.ts'
import { closeCodes } from './close-codes.ts'
import type { Connection } from './connection.ts'
import type { HubCounters } from './hub.counters.ts'
import type { Snapshot } from './visit.ts'

// A Redis that hangs must not hold up a page; without the acknowledgement the resync on `ready` fills the gap.
const subscribeWaitMs = 500

/**
 * Lets a socket into a channel without hole or duplicate: what is published from now on waits for it, then the bus must have
 * acknowledged the subscription, then the present is read and sent, then whatever is newer than that, then it hears live.
 * The caller has put the connection among the members, in phase `joining`.
 */
export async function joinChannel(
  server: Server<Connection> | undefined,
  channel: Channel,
  connection: Connection,
  counters: HubCounters,
): Promise<void> {
  await Promise.race([channel.subscribed, Bun.sleep(subscribeWaitMs)])
  const snapshot = await connection.visit.readSnapshot()
  if (connection.phase !== 'joining') return
  if (snapshot === undefined) return connection.close(closeCodes.notFound)
  channel.observe(server, snapshot, counters)
  const isInsider = connection.visit.isInsider()
  // From here on nothing waits, so nothing can be published in between.
  for (const frame of snapshotFrames(snapshot, isInsider)) connection.send(frame)
  if (snapshot.end !== undefined) return connection.close(snapshot.end)
  for (const message of connection.waiting) {
    if (message.lane === 'event' ? message.version <= snapshot.eventVersion : message.version <= (snapshot.position?.version ?? 0)) continue
    if (message.lane === 'position' && message.audience === 'inside' && !isInsider) continue
    for (const frame of message.frames) connection.send(frame)
  }
  connection.waiting = []
  connection.phase = 'live'
  connection.socket?.subscribe(topicsOf(channel.name).events)
  subscribePositions(connection)
}

/** The frames a newcomer is sent. */
export function snapshotFrames(snapshot: Snapshot, isInsider: boolean): string[] {
  const { position } = snapshot
  const isVisible = position !== undefined && (position.audience === 'all' || isInsider)
  return [...snapshot.joinFrames, ...(isVisible ? position.frames : [])]
}

/** Lets a live socket hear positions. */
export function subscribePositions(connection: Connection): void {
  const topics = topicsOf(connection.visit.channel)
  connection.socket?.subscribe(topics.positions)
  if (connection.visit.isInsider()) connection.socket?.subscribe(topics.inside)
}

/** Keeps positions from a live socket; events still reach it. */
export function unsubscribePositions(connection: Connection): void {
  const topics = topicsOf(connection.visit.channel)
  connection.socket?.unsubscribe(topics.positions)
  connection.socket?.unsubscribe(topics.inside)
}
