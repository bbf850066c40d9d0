import { closeCodes } from './close-codes.ts'
import { leaveChannel } from './leave-channel.ts'
import type { Membership } from './membership.ts'
import type { PresentReader } from './present-reader.ts'
import type { Present } from './watch.ts'

// A Redis that hangs must not hold up a page; without the acknowledgement the resync on `ready` fills the gap.
const subscribeWaitMs = 500

/**
 * Lets a member into a channel without hole or duplicate: what is published from now on waits for it, then the bus must have
 * acknowledged the subscription, then the present is read and sent, then whatever is newer than that, then it hears live.
 * The caller has admitted the member to the channel.
 */
export async function joinChannel(reader: PresentReader, member: Membership): Promise<void> {
  const { channel, watch, connection } = member
  await acknowledged(channel.subscribed)
  const read = await reader.read(watch.source, channel.name, earlier(watch.since, channel.heard))
  if (member.phase !== 'joining' || connection.isClosed) return
  if (read === undefined) return leaveChannel(member, closeCodes.notFound)
  channel.observe(read)
  const present = channel.freshen(read)
  // From here on nothing waits, so nothing can be published in between.
  for (const frame of watch.greet(present)) connection.send(frame)
  if (present.end !== undefined) return leaveChannel(member, present.end)
  tellWaiting(member, present)
  channel.enliven(member)
}

function tellWaiting({ waiting, watch, connection }: Membership, present: Present): void {
  // Events first: a position of the state after an event must not be seen before it.
  for (const message of (waiting ?? []).toSorted((one, other) => Number(one.lane === 'position') - Number(other.lane === 'position'))) {
    const known = message.lane === 'event' ? present.version : (present.position?.version ?? 0)
    if (message.version > known) for (const frame of watch.voice.say(message)) connection.send(frame)
  }
}

const earlier = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : other === undefined ? one : Math.min(one, other)

function acknowledged(subscribed: Promise<boolean>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, subscribeWaitMs)
  return Promise.race([subscribed, promise]).finally(() => clearTimeout(timer))
}
