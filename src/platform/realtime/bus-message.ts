import type { Facts, LiveMessage, RecheckTarget } from './watch.ts'

/** What processes tell each other. */
export type BusMessage = LiveMessage | ({ readonly lane: 'control' } & RecheckTarget)

/** A message of another process, of this or an older version; undefined for anything that is not one. */
export function readBusMessage(payload: unknown): BusMessage | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { lane, version, facts, channel, userId } = payload as Record<string, unknown>
  if (lane === 'control') {
    return { lane, ...(typeof channel === 'string' ? { channel } : {}), ...(typeof userId === 'string' ? { userId } : {}) }
  }
  if (lane !== 'event' && lane !== 'position') return undefined
  if (typeof version !== 'number' || typeof facts !== 'object' || facts === null || Array.isArray(facts)) return undefined
  return { lane, version, facts: facts as Facts }
}
