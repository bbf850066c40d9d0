import type { Actor } from './actor.ts'
import type { Ids } from './ids.ts'

/**
 * Who makes a change, when, and with which ids: what every step of a transaction gets beside the transaction itself, so that a
 * step never asks the system clock and every row it writes names the same moment.
 */
export interface Stamp {
  readonly now: Date
  readonly ids: Ids
  readonly actor: Actor
  readonly requestId?: string
}

/** The stamp of the shop itself, for jobs and provider facts. */
export const systemStamp = (name: string, source: { clock: { now(): Date }; ids: Ids }, requestId?: string): Stamp => ({
  now: source.clock.now(),
  ids: source.ids,
  actor: { kind: 'system', name },
  ...(requestId === undefined ? {} : { requestId }),
})
