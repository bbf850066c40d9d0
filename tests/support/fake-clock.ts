import type { Clock } from '../../src/lib/clock.ts'

/** A clock that stands still until it is told. */
export interface FakeClock extends Clock {
  advance(ms: number): void
}

/** Noon in Nairobi tomorrow: what the invariants judge by the database's own clock is not overdue by then. */
export const tomorrow = (): Date => new Date(Math.ceil(Date.now() / 86_400_000) * 86_400_000 + 9 * 3_600_000)

/** A clock at a fixed moment. */
export function fakeClock(start: string | Date = '2026-11-24T09:00:00.000Z'): FakeClock {
  let nowMs = new Date(start).getTime()
  let monotonicMs = 1_000
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => monotonicMs,
    advance(ms) {
      nowMs += ms
      monotonicMs += ms
    },
  }
}
