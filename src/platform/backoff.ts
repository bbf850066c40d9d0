/**
 * How long to wait before the next try: doubling from `firstMs` up to `mostMs`, with full jitter in the upper half so that
 * rows that failed together do not come back together.
 */
export function backoffMs(attempt: number, firstMs = 1_000, mostMs = 300_000, random: () => number = Math.random): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(Math.max(attempt - 1, 0), 20))
  return Math.round(whole / 2 + (whole / 2) * random())
}
