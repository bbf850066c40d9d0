/** How late the event loop is: what every request waits besides its own work. */
export interface LoopLag {
  /** The worst of the last two seconds, in milliseconds. */
  worstMs(): number
  stop(): void
}

const everyMs = 100
const kept = 20

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
  return { worstMs: () => Math.max(0, ...lags), stop: () => clearInterval(timer) }
}
