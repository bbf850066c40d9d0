import { closeCodes } from './close-codes.ts'
import type { Connection } from './connection.ts'
import type { HubCounters } from './hub.counters.ts'
import { leaveChannel } from './leave-channel.ts'
import type { PresentReader } from './present-reader.ts'

/** How far a socket may fall behind (design: realtime.md 6.3, reliability.md G18). */
export const slowLimits = {
  /** Past this, positions are withheld. */
  shedBytes: 64 * 1024,
  /** Past this, the socket is cut. */
  cutBytes: 256 * 1024,
  /** Withheld this long, the socket is cut. */
  cutAfterMs: 5_000,
} as const

/**
 * Looks at what one socket has not read yet. Positions are worth nothing late, so they are the first to go; a peer that does not
 * even read events is cut, because memory spent on it is taken from everybody else.
 */
export function watchBacklog(connection: Connection, nowMs: number, counters: HubCounters): void {
  const { buffered, lagSinceMs } = connection
  if (buffered > counters.gauges.bufferedMost) counters.gauges.bufferedMost = buffered
  if (buffered > slowLimits.cutBytes || (lagSinceMs !== undefined && nowMs - lagSinceMs >= slowLimits.cutAfterMs)) {
    connection.close(closeCodes.slow)
  } else if (buffered > slowLimits.shedBytes && lagSinceMs === undefined) {
    connection.lagSinceMs = nowMs
    counters.sheds += 1
    for (const member of connection.members) member.channel.shed(member)
  }
}

/** The peer has read everything again: it is told the present and hears positions from here on. */
export async function recover(reader: PresentReader, connection: Connection): Promise<void> {
  if (connection.lagSinceMs === undefined || connection.buffered > 0) return
  for (const member of connection.members) {
    if (member.phase !== 'lagging') continue
    const present = await reader.read(member.watch.source, member.channel.name, member.channel.heard)
    if (member.phase !== 'lagging') continue
    if (present === undefined) {
      leaveChannel(member, closeCodes.notFound)
      continue
    }
    member.channel.observe(present)
    const { position } = member.channel.freshen(present)
    if (position !== undefined) for (const frame of member.watch.voice.say(position)) connection.send(frame)
    member.channel.unshed(member)
  }
  connection.lagSinceMs = undefined
}
