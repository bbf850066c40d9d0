import type { Clock } from '../../lib/clock.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { Log } from '../log.ts'
import type { RedisClients } from '../redis.ts'
import { BoundedMap } from './bounded-map.ts'
import { type Allowance, allowanceOf, countIn, type Limit, type Window } from './window.ts'

/** Counts requests of a key against limits, over all processes of the shop. */
export interface Throttle {
  /** Counts in Redis before it answers: for what must not slip by in two processes at once (passwords, prompts to phones). */
  take(limit: Limit, key: string): Promise<Allowance>
  /** Answers at once from what this process knows and tells Redis after it: for ordinary traffic. Off by at most one round trip. */
  takeFast(limit: Limit, key: string): Allowance
  /** Remembers `key` for `forMs` and answers whether it was unknown: for signatures and codes that are good once. */
  once(key: string, forMs: number): Promise<boolean>
}

const mostKeys = 50_000
// While Redis does not answer, one request in this many milliseconds finds out whether it is back; the others do not wait for it.
const redisRestMs = 2_000

/**
 * Windows in Redis, with the same arithmetic in this process beside it. Without Redis the counts of this process go on from what
 * Redis said last, so that a limit never opens; the price is that N processes then allow up to N times the limit.
 */
export function createThrottle(options: { redis: Pick<RedisClients, 'command'>; clock: Clock; log: Log }): Throttle {
  const { redis, clock, log } = options
  const windows = new BoundedMap<string, Window>(mostKeys)
  const seen = new BoundedMap<string, number>(mostKeys)
  const untold = new Map<string, { limit: Limit; cost: number }>()
  let restsUntilMs = 0

  const nowMs = (): number => clock.monotonicMs()
  const nameOf = (limit: Limit, key: string): string => `${limit.name}:${key}`
  // Hashed where it leaves the process: a key may be what somebody typed as their e-mail, or where they are.
  const storedName = (name: string): string => `throttle:${sha256Hex(name).slice(0, 40)}`

  function countHere(name: string, limit: Limit, cost: number): Window {
    const window = countIn(windows.get(name), nowMs(), limit, cost)
    windows.set(name, window)
    return window
  }

  /** Runs something on Redis; undefined when it cannot be asked now. */
  async function ask<Answer>(run: () => Promise<Answer>): Promise<Answer | undefined> {
    if (nowMs() < restsUntilMs) return undefined
    try {
      return await run()
    } catch (error) {
      if (restsUntilMs === 0) log.warn({ error }, 'throttles count in this process alone')
      restsUntilMs = nowMs() + redisRestMs
      return undefined
    }
  }

  async function countThere(name: string, limit: Limit, cost: number): Promise<Window | undefined> {
    const stored = storedName(name)
    const answers = await ask(() =>
      redis.command.multi().set(stored, 0, 'PX', limit.windowMs, 'NX').incrby(stored, cost).pttl(stored).exec(),
    )
    const [count, leftMs] = [answers?.[1]?.[1], answers?.[2]?.[1]]
    if (typeof count !== 'number' || typeof leftMs !== 'number') return undefined
    restsUntilMs = 0
    return { count, endsAtMs: nowMs() + Math.max(1, leftMs) }
  }

  /** Tells Redis what was counted here, one call a key at a time; what comes meanwhile goes with the next. */
  async function tell(name: string): Promise<void> {
    for (;;) {
      const { limit, cost } = untold.get(name) ?? {}
      if (limit === undefined || cost === undefined || cost === 0) break
      untold.set(name, { limit, cost: 0 })
      const there = await countThere(name, limit, cost)
      if (there !== undefined) windows.set(name, { ...there, count: there.count + (untold.get(name)?.cost ?? 0) })
    }
    untold.delete(name)
  }

  return {
    async take(limit, key) {
      const name = nameOf(limit, key)
      const here = countHere(name, limit, 1)
      const there = await countThere(name, limit, 1)
      const window = there ?? here
      // Both are kept at the larger count: neither a restarted Redis nor a restarted process opens the limit.
      if (there !== undefined) windows.set(name, { ...there, count: Math.max(there.count, here.count) })
      return allowanceOf(there === undefined ? window : { ...there, count: Math.max(there.count, here.count) }, nowMs(), limit)
    },
    takeFast(limit, key) {
      const name = nameOf(limit, key)
      const window = countHere(name, limit, 1)
      const waiting = untold.get(name)
      untold.set(name, { limit, cost: (waiting?.cost ?? 0) + 1 })
      if (waiting === undefined) void tell(name)
      return allowanceOf(window, nowMs(), limit)
    },
    async once(key, forMs) {
      const name = `once:${sha256Hex(key)}`
      const now = nowMs()
      const isKnownHere = (seen.get(name) ?? 0) > now
      seen.set(name, now + forMs)
      if (isKnownHere) return false
      const answer = await ask(() => redis.command.set(name, 1, 'PX', forMs, 'NX').then((said) => said ?? 'known'))
      return answer !== 'known'
    },
  }
}
