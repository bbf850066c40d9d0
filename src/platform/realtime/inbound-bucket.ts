/** How much one socket may say: a token bucket with strikes (design: realtime.md 6.2). */
export interface InboundLimits {
  readonly perSecond: number
  readonly burst: number
  readonly strikes: number
}

export const defaultInboundLimits: InboundLimits = { perSecond: 5, burst: 20, strikes: 3 }

/** What to do with the message that just came. */
export type Verdict = 'take' | 'refuse' | 'close'

/** A bucket of one socket. Times are monotonic milliseconds. */
export class InboundBucket {
  readonly #limits: InboundLimits
  #tokens: number
  #filledAtMs: number
  #strikes = 0

  constructor(limits: InboundLimits, nowMs: number) {
    this.#limits = limits
    this.#tokens = limits.burst
    this.#filledAtMs = nowMs
  }

  /** Takes one token. Without one it is a strike; the last strike closes. A bucket that fills up again forgives. */
  take(nowMs: number): Verdict {
    const { perSecond, burst, strikes } = this.#limits
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1_000) * perSecond)
    this.#filledAtMs = nowMs
    if (this.#tokens >= burst) this.#strikes = 0
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 'take'
    }
    this.#strikes += 1
    return this.#strikes >= strikes ? 'close' : 'refuse'
  }
}
