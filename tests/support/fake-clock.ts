import type { Clock } from '../../src/lib/clock.ts'

/** A clock that stands still until it is told. */
export interface FakeClock extends Clock {
  advance(ms: number): void
}

/** A clock at a fixed moment. */
export function fakeClock(start = '2026-11-24T09:00:00.000Z'): FakeClock {
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
