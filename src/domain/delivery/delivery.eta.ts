import { distanceM, type Place } from '../../lib/geo.ts'
import { after, minutes } from '../../lib/time.ts'

/** When the rider will probably be there: always a range, because a single minute is a promise nobody can keep. */
export interface Eta {
  readonly from: Date
  readonly to: Date
  /** Straight-line metres to the destination. */
  readonly distanceM: number
}

// Streets are longer than the straight line (design: realtime.md 6.3).
const detour = 1.35
const stepMs = minutes(5)

/**
 * Estimates arrival from a fix: straight line times detour over the fallback speed, widened with distance and with the age of the
 * fix, in steps of five minutes. Pure.
 */
export function estimateArrival(input: { from: Place; to: Place; fixedAt: Date; now: Date; kmh: number }): Eta {
  const straightM = distanceM(input.from, input.to)
  const rideMs = Math.max(minutes(1), ((straightM * detour) / (input.kmh / 3.6)) * 1_000)
  const ageMs = Math.max(0, input.now.getTime() - input.fixedAt.getTime())
  const earliest = input.now.getTime() + rideMs * 0.8
  const latest = input.now.getTime() + rideMs * 1.3 + ageMs
  const from = new Date(Math.max(input.now.getTime(), Math.floor(earliest / stepMs) * stepMs))
  const to = new Date(Math.ceil(latest / stepMs) * stepMs)
  return { from, to: to.getTime() - from.getTime() < stepMs ? after(to, stepMs) : to, distanceM: Math.round(straightM) }
}
