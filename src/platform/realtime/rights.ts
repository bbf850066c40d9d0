import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../log.ts'
import type { Connection } from './connection.ts'
import type { HubCounters } from './hub.counters.ts'
import { paced } from './paced.ts'
import type { RecheckTarget } from './visit.ts'

/** How often the right to watch is asked again when nothing is known to have changed. */
export const recheckEveryMs = 60_000

const width = 8
const retryMs = 1_000

/** Asks the domain again whether those who watch still may. */
export class Rights {
  readonly #log: Log
  readonly #clock: Clock
  readonly #counters: HubCounters

  constructor(options: { log: Log; clock: Clock; counters: HubCounters }) {
    this.#log = options.log
    this.#clock = options.clock
    this.#counters = options.counters
  }

  /** Asks for those among `connections` that the target names. */
  recheck(connections: Iterable<Connection>, { channel, userId }: RecheckTarget): Promise<void> {
    const meant = [...connections].filter(
      ({ visit }) => (channel === undefined || visit.channel === channel) && (userId === undefined || visit.userId === userId),
    )
    return this.recheckAll(meant)
  }

  /** Asks for each of `connections`. */
  recheckAll(connections: readonly Connection[]): Promise<void> {
    return paced(connections, width, (connection) => this.#recheckOne(connection))
  }

  async #recheckOne(connection: Connection): Promise<void> {
    connection.nextRecheckMs = this.#clock.monotonicMs() + recheckEveryMs
    this.#counters.rechecks += 1
    try {
      const reason = await connection.visit.recheck()
      if (reason !== undefined) connection.close(reason)
    } catch (error) {
      // The truth cannot be asked right now. The socket stays: without the database nothing new is published to it either.
      this.#counters.rechecksFailed += 1
      connection.nextRecheckMs = this.#clock.monotonicMs() + retryMs
      this.#log.warn({ error }, 'the right to watch could not be checked')
    }
  }
}
