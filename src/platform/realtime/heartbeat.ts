import { closeCodes } from './close-codes.ts'
import type { Connection } from './connection.ts'

/**
 * How often a peer is asked whether it is there. Bun's own idle time-out does not find a dead peer while we keep sending to it,
 * because what we send counts as life (design: realtime.md B1).
 */
export const heartbeat = { everyMs: 25_000, deadlineMs: 10_000 } as const

/** Pings one socket when it is due, and closes it when the last ping stayed without answer. */
export function beatHeart(connection: Connection, nowMs: number): void {
  if (connection.pingedAtMs !== undefined && nowMs - connection.pingedAtMs >= heartbeat.deadlineMs) {
    connection.close(closeCodes.silent)
  } else if (connection.pingedAtMs === undefined && nowMs >= connection.nextPingMs) {
    connection.nextPingMs = nowMs + heartbeat.everyMs
    const words = connection.visit.ping?.()
    if (connection.stream !== undefined) {
      // A stream cannot answer; what it is sent keeps proxies from closing it and tells its reader that we are here.
      if (words !== undefined) connection.stream.send(words)
      return
    }
    connection.pingedAtMs = nowMs
    // A page's script sees only frames, so it is pinged in its own words too.
    if (words !== undefined) connection.send(words)
    connection.socket?.ping()
  }
}
