import type { Server } from 'bun'
import type { Log } from '../log.ts'
import type { Channel } from './channel.ts'
import type { Connection } from './connection.ts'
import type { HubCounters } from './hub.counters.ts'
import { paced } from './paced.ts'

const width = 8

/** Reads every watched channel again after the bus was away; whoever missed something hears it now, the others hear nothing. */
export async function resyncChannels(
  server: Server<Connection> | undefined,
  channels: readonly Channel[],
  counters: HubCounters,
  log: Log,
): Promise<void> {
  counters.resyncs += 1
  await paced(channels, width, async (channel) => {
    const [member] = channel.members
    if (member === undefined) return
    try {
      const snapshot = await member.visit.readSnapshot()
      if (snapshot !== undefined) channel.observe(server, snapshot, counters)
    } catch (error) {
      log.warn({ error, channel: channel.name }, 'a channel could not be read again')
    }
  })
}
