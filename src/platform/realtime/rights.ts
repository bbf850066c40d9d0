import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../log.ts'
import type { HubCounters } from './hub.counters.ts'
import { leaveChannel } from './leave-channel.ts'
import type { Membership } from './membership.ts'
import { paced } from './paced.ts'
import type { Source } from './watch.ts'

/**
 * How often the right to watch is asked again when nothing is known to have changed. A right may be lost by a change nobody told
 * the hub of, in a process that died before it could, or while Redis was away; five seconds later nothing may be heard any more.
 */
export const recheckEveryMs = 4_000

// As many as one query answers in a few milliseconds.
const batchSize = 500
const width = 2
const retryMs = 1_000

/** Asks the domain again whether those who watch still may, many with one question. */
export class Rights {
  readonly #log: Log
  readonly #clock: Clock
  readonly #counters: HubCounters

  constructor(options: { log: Log; clock: Clock; counters: HubCounters }) {
    this.#log = options.log
    this.#clock = options.clock
    this.#counters = options.counters
  }

  /** Asks for each of `members`. */
  async recheck(members: readonly Membership[]): Promise<void> {
    if (members.length === 0) return
    const nextMs = this.#clock.monotonicMs() + recheckEveryMs
    const bySource = new Map<Source, Membership[]>()
    for (const member of members) {
      member.nextCheckMs = nextMs
      const known = bySource.get(member.watch.source)
      if (known === undefined) bySource.set(member.watch.source, [member])
      else known.push(member)
    }
    const batches = [...bySource].flatMap(([source, all]) =>
      Array.from({ length: Math.ceil(all.length / batchSize) }, (_, index) => ({
        source,
        batch: all.slice(index * batchSize, (index + 1) * batchSize),
      })),
    )
    await paced(batches, width, ({ source, batch }) => this.#check(source, batch))
  }

  async #check(source: Source, batch: readonly Membership[]): Promise<void> {
    this.#counters.rechecks += batch.length
    try {
      const reasons = await source.check(batch.map(({ watch }) => watch))
      for (const [index, member] of batch.entries()) {
        const reason = reasons[index]
        if (reason !== undefined) leaveChannel(member, reason)
        else member.channel.regroup(member)
      }
    } catch (error) {
      // The truth cannot be asked right now. The sockets stay: without the database nothing new is published to them either.
      this.#counters.rechecksFailed += batch.length
      const againMs = this.#clock.monotonicMs() + retryMs
      for (const member of batch) member.nextCheckMs = againMs
      this.#log.warn({ error }, 'the right to watch could not be checked')
    }
  }
}
