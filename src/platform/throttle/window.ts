/** How many, in how long. `name` keeps the counts of different limits apart and is shown in the headers. */
export interface Limit {
  readonly name: string
  readonly most: number
  readonly windowMs: number
}

/** What one request was told: whether it is within the limit, and what is left of the window. */
export interface Allowance {
  readonly isWithin: boolean
  readonly limit: Limit
  readonly remaining: number
  readonly resetMs: number
}

/** A window that begins with its first request. Times are monotonic milliseconds. */
export interface Window {
  readonly endsAtMs: number
  readonly count: number
}

/** The window after `cost` more requests: the same one, or a new one when it has ended. Pure. */
export function countIn(window: Window | undefined, nowMs: number, limit: Limit, cost: number): Window {
  if (window === undefined || nowMs >= window.endsAtMs) return { endsAtMs: nowMs + limit.windowMs, count: cost }
  return { endsAtMs: window.endsAtMs, count: window.count + cost }
}

/** What a window means for the request that was just counted. Pure. */
export const allowanceOf = (window: Window, nowMs: number, limit: Limit): Allowance => ({
  isWithin: window.count <= limit.most,
  limit,
  remaining: Math.max(0, limit.most - window.count),
  resetMs: Math.max(1, window.endsAtMs - nowMs),
})
