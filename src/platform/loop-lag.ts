/** How late the event loop is: what every request waits besides its own work. */
export interface LoopLag {
  /** How late it was for most of the last second, in milliseconds: one long piece of work (a start, a report) is not an overload. */
  lagMs(): number
  stop(): void
}

const everyMs = 100
const kept = 10

/** Watches the event loop by a timer that should come every 100 ms. Does not keep the process alive. */
export function createLoopLag(): LoopLag {
  const lags: number[] = []
  let dueMs = performance.now() + everyMs
  const timer = setInterval(() => {
    const now = performance.now()
    lags.push(Math.max(0, now - dueMs))
    if (lags.length > kept) lags.shift()
    dueMs = now + everyMs
  }, everyMs)
  timer.unref()
  return {
    lagMs: () => lags.toSorted((a, b) => a - b)[Math.floor(lags.length / 2)] ?? 0,
    stop: () => clearInterval(timer),
  }
}
