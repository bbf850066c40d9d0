import type { LiveMessage, RecheckTarget } from './visit.ts'

/** What processes tell each other. */
export type BusMessage = LiveMessage | ({ readonly lane: 'control' } & RecheckTarget)

/** A message of another process, of this or an older version; undefined for anything that is not one. */
export function readBusMessage(payload: unknown): BusMessage | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { lane, version, audience, frames, channel, userId } = payload as Record<string, unknown>
  if (lane === 'control') {
    return { lane, ...(typeof channel === 'string' ? { channel } : {}), ...(typeof userId === 'string' ? { userId } : {}) }
  }
  if (typeof version !== 'number' || !Array.isArray(frames) || !frames.every((frame) => typeof frame === 'string')) return undefined
  if (lane === 'event') return { lane, version, frames }
  if (lane === 'position' && (audience === 'all' || audience === 'inside')) return { lane, version, audience, frames }
  return undefined
}
