/** What counts as a burst, and how long work may step back for it. */
export interface BurstOptions {
  /** So many calls within so long. */
  readonly calls: number
  readonly withinMs: number
  /** However long the burst lasts, work steps back for no longer than this. */
  readonly holdMs: number
}

/** Tells a burst of calls from a steady stream. */
export interface Burst {
  /** A call has come. */
  note(): void
  /** How long to step back from now, in milliseconds; 0 when there is no reason to. */
  holdMs(): number
}

/** Watches for bursts. One that outlasts `holdMs` is no reason to wait any more until it has ended. */
export function watchBursts({ calls, withinMs, holdMs }: BurstOptions, now: () => number = () => performance.now()): Burst {
  let windowAt = Number.NEGATIVE_INFINITY
  let count = 0
  let burstAt: number | undefined

  return {
    note() {
      const at = now()
      if (at - windowAt > withinMs) {
        // A window that was not full, or long silence after a full one, ends the burst.
        if (count < calls || at - windowAt > 2 * withinMs) burstAt = undefined
        windowAt = at
        count = 0
      }
      count++
      if (count >= calls) burstAt ??= at
    },
    holdMs() {
      const at = now()
      if (burstAt === undefined || at - burstAt >= holdMs) return 0
      return Math.max(0, Math.min(windowAt + 2 * withinMs, burstAt + holdMs) - at)
    },
  }
}
