import type { Clock } from '../../lib/clock.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { minutes, seconds } from '../../lib/time.ts'
import type { RedisClients } from '../redis.ts'
import { BoundedMap } from './bounded-map.ts'

/** Slows guessing down: after a few failures each further one makes the next try wait twice as long, and nothing is ever locked. */
export interface BackoffGuard {
  /** How long `key` has to wait before its next try; 0 when it may try now. */
  waitMs(key: string): Promise<number>
  /** Notes a failure. */
  fail(key: string): Promise<void>
  /** Forgets the failures after a success. */
  clear(key: string): Promise<void>
}

const freeTries = 5
const longestWaitMs = minutes(15)

/** The wait after so many failures: none for the first five, then from a second doubling to a quarter of an hour. */
export const waitAfter = (failures: number): number =>
  failures < freeTries ? 0 : Math.min(longestWaitMs, seconds(1) * 2 ** Math.min(20, failures - freeTries))

interface Failures {
  readonly count: number
  readonly lastAtMs: number
}

/**
 * Failures by key, in Redis and beside it in this process, whichever knows more. They are forgotten a quarter of an hour after the
 * wait of the last one. Keys are kept as hashes: they are what people type as their e-mail, which is sometimes their password.
 */
export function createBackoffGuard(options: { redis: Pick<RedisClients, 'command'>; clock: Clock }): BackoffGuard {
  const { redis, clock } = options
  const known = new BoundedMap<string, Failures>(20_000)
  const nameOf = (key: string): string => `failures:${sha256Hex(key).slice(0, 40)}`
  const keptMs = (failures: number): number => minutes(15) + waitAfter(failures)

  const here = (name: string): Failures => {
    const failures = known.get(name)
    if (failures === undefined || clock.monotonicMs() - failures.lastAtMs > keptMs(failures.count)) return { count: 0, lastAtMs: 0 }
    return failures
  }

  async function there<Answer>(run: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await run()
    } catch {
      // Redis is away, which its own listener logs; this process goes on with what it knows.
      return undefined
    }
  }

  return {
    async waitMs(key) {
      const name = nameOf(key)
      const own = here(name)
      const ownWait = own.count === 0 ? 0 : own.lastAtMs + waitAfter(own.count) - clock.monotonicMs()
      const leftMs = await there(() => redis.command.pttl(`${name}:wait`))
      return Math.max(0, ownWait, leftMs ?? 0)
    },
    async fail(key) {
      const name = nameOf(key)
      const count = Math.max((await there(() => redis.command.incr(name))) ?? 0, here(name).count + 1)
      known.set(name, { count, lastAtMs: clock.monotonicMs() })
      const wait = waitAfter(count)
      await there(async () => {
        const pipeline = redis.command.multi().pexpire(name, keptMs(count))
        if (wait > 0) pipeline.set(`${name}:wait`, 1, 'PX', wait)
        return await pipeline.exec()
      })
    },
    async clear(key) {
      const name = nameOf(key)
      known.delete(name)
      await there(() => redis.command.del(name, `${name}:wait`))
    },
  }
}
