import { closeCodes } from './close-codes.ts'
import type { Connection } from './connection.ts'
import type { HubCounters } from './hub.counters.ts'
import { snapshotFrames, subscribePositions, unsubscribePositions } from './join-channel.ts'

/** How far a socket may fall behind (design: realtime.md 6.3). */
export const slowLimits = {
  /** Past this, positions are withheld. */
  shedBytes: 64 * 1024,
  /** Past this, the socket is cut. */
  cutBytes: 256 * 1024,
  /** Withheld this long, the socket is cut. */
  cutAfterMs: 10_000,
} as const

/**
 * Looks at what one socket has not read yet. Positions are worth nothing late, so they are the first to go; a peer that does not
 * even read events is cut, because memory spent on it is taken from everybody else.
 */
export function watchBacklog(connection: Connection, nowMs: number, counters: HubCounters): void {
  if (connection.phase !== 'live') return
  const { buffered } = connection
  if (buffered > slowLimits.cutBytes || (connection.lagSinceMs !== undefined && nowMs - connection.lagSinceMs >= slowLimits.cutAfterMs)) {
    connection.close(closeCodes.slow)
  } else if (buffered > slowLimits.shedBytes && connection.lagSinceMs === undefined) {
    connection.lagSinceMs = nowMs
    counters.sheds += 1
    unsubscribePositions(connection)
  }
}

/** The peer has read everything again: it is told the present and hears positions from here on. */
export async function recover(connection: Connection): Promise<void> {
  if (connection.lagSinceMs === undefined || connection.buffered > 0) return
  const snapshot = await connection.visit.readSnapshot()
  if (connection.phase !== 'live' || connection.lagSinceMs === undefined) return
  if (snapshot === undefined) return connection.close(closeCodes.notFound)
  connection.lagSinceMs = undefined
  for (const frame of snapshotFrames(snapshot, connection.visit.isInsider())) connection.send(frame)
  subscribePositions(connection)
}
