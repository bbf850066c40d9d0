import type { Channel, Group } from './channel.ts'
import type { Connection } from './connection.ts'
import type { LiveMessage, Watch } from './watch.ts'

/**
 * One socket in one channel. `joining`: what is published waits for the greeting; `live`: hears everything; `lagging`: reads too
 * slowly, hears events only; `left`: gone.
 */
export class Membership {
  readonly connection: Connection
  readonly watch: Watch
  readonly channel: Channel
  phase: 'joining' | 'live' | 'lagging' | 'left' = 'joining'
  /** What was published while the present was being read. */
  waiting: LiveMessage[] | undefined
  /** With whom it hears; undefined until it is live. */
  group: Group | undefined
  /** Monotonic ms of the next time its right is asked. */
  nextCheckMs = 0

  constructor(connection: Connection, watch: Watch, channel: Channel) {
    this.connection = connection
    this.watch = watch
    this.channel = channel
  }

  /** Keeps what comes while this one joins: every event, the newest position. */
  keep(message: LiveMessage): void {
    if (this.waiting === undefined) this.waiting = [message]
    else {
      if (message.lane === 'position') this.waiting = this.waiting.filter((earlier) => earlier.lane !== 'position')
      this.waiting.push(message)
    }
  }
}
