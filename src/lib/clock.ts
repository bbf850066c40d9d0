/** What time it is; injected, so that a test can wait three days in a millisecond. */
export interface Clock {
  /** The current moment. */
  now(): Date
  /** Milliseconds from a fixed start that never jump, for measuring durations. */
  monotonicMs(): number
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() }
