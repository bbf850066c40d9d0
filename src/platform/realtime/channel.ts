import type { Server } from 'bun'
import type { Connection } from './connection.ts'
import type { HubCounters } from './hub.counters.ts'
import type { LiveMessage, Snapshot } from './visit.ts'

/** Local topics of a channel: positions for all, positions for insiders, events. */
export const topicsOf = (channel: string) => ({ positions: `${channel}:p`, inside: `${channel}:i`, events: `${channel}:e` }) as const

/** One watched thing in this process: who is here and how far they have heard. */
export class Channel {
  readonly name: string
  readonly members = new Set<Connection>()
  /** Resolves when the other processes' messages arrive here; false while the bus is away. */
  subscribed: Promise<boolean> = Promise.resolve(false)
  /** Monotonic ms at which an empty channel is given up. */
  lingerUntilMs: number | undefined
  #eventVersion = 0
  #positionVersion = 0

  constructor(name: string) {
    this.name = name
  }

  /**
   * Gives a message to everybody here: live sockets by Bun's own fan-out, joining ones by their queue. What has been heard before
   * is dropped, whichever way it came. True when it was new.
   */
  deliver(server: Server<Connection> | undefined, message: LiveMessage, counters: HubCounters): boolean {
    if (message.version <= (message.lane === 'event' ? this.#eventVersion : this.#positionVersion)) {
      counters.duplicatesDropped += 1
      return false
    }
    if (message.lane === 'event') this.#eventVersion = message.version
    else this.#positionVersion = message.version
    for (const member of this.members) if (member.phase === 'joining') queue(member, message)
    for (const topic of this.#topicsFor(message)) for (const frame of message.frames) server?.publish(topic, frame)
    return true
  }

  /**
   * Takes in a snapshot just read from the truth. If it knows more than this channel has heard (a message was lost, or is still
   * on its way), everybody here hears it now, and the late message will be recognised.
   */
  observe(server: Server<Connection> | undefined, snapshot: Snapshot, counters: HubCounters): void {
    if (snapshot.eventVersion > this.#eventVersion) {
      this.deliver(server, { lane: 'event', version: snapshot.eventVersion, frames: snapshot.eventFrames }, counters)
    }
    if (snapshot.position !== undefined && snapshot.position.version > this.#positionVersion)
      this.deliver(server, snapshot.position, counters)
  }

  #topicsFor(message: LiveMessage): string[] {
    const topics = topicsOf(this.name)
    if (message.lane === 'event') return [topics.events]
    return message.audience === 'all' ? [topics.positions] : [topics.inside]
  }
}

/** Keeps what comes while a socket joins: every event, the newest position. */
function queue(member: Connection, message: LiveMessage): void {
  if (message.lane === 'position') member.waiting = member.waiting.filter((earlier) => earlier.lane !== 'position')
  member.waiting.push(message)
}
