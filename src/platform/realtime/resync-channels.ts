import type { Log } from '../log.ts'
import type { Channel } from './channel.ts'
import { paced } from './paced.ts'
import type { PresentReader } from './present-reader.ts'

// Enough at once for the reader to ask for them together, few enough for the sockets to be served in between.
const width = 400

/** Reads channels again that may have missed something; whoever missed it hears it now, in order, the others hear nothing. */
export async function resyncChannels(reader: PresentReader, channels: readonly Channel[], log: Log): Promise<void> {
  await paced(channels, width, async (channel) => {
    const [member] = channel.members
    if (member === undefined) return
    try {
      const present = await reader.read(member.watch.source, channel.name, channel.heard)
      if (present !== undefined) channel.observe(present)
    } catch (error) {
      log.warn({ error, channel: channel.name }, 'a channel could not be read again')
    }
  })
}
