import type { Redis } from 'ioredis'
import type { Context } from '../../context.ts'
import type { Clock } from '../../lib/clock.ts'

// Compare and set in one step. A time far ahead of now was written by a process whose clock is wrong; it is overruled.
const script = `
local last = tonumber(redis.call('GET', KEYS[1]) or '')
local now, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
if last and now - last < interval and last - now < interval then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', interval + 25000)
return 1`

const mostRemembered = 10_000

/**
 * One position per driver and delivery and interval to the watchers, whichever process the driver's sockets are on. Redis keeps
 * the time; while it is away each process keeps its own, so that the limit holds for one process at least and never opens.
 */
export class PositionThrottle {
  readonly #command: Redis
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #lastMs = new Map<string, number>()

  constructor(options: { command: Redis; clock: Clock; intervalMs: number }) {
    this.#command = options.command
    this.#clock = options.clock
    this.#intervalMs = options.intervalMs
  }

  /** Whether a position may go out now; a yes uses the interval up. */
  async take(driverId: string, deliveryId: string): Promise<boolean> {
    const key = `throttle:position:${driverId}:${deliveryId}`
    const nowMs = this.#clock.now().getTime()
    const last = this.#lastMs.get(key)
    // What this process let through it need not ask about.
    if (last !== undefined && Math.abs(nowMs - last) < this.#intervalMs) return false
    // Noted before Redis is asked, so that of many at once in this process only one asks.
    this.#remember(key, nowMs)
    if (await this.#askRedis(key, nowMs)) return true
    if (last === undefined) this.#lastMs.delete(key)
    else this.#lastMs.set(key, last)
    return false
  }

  /** Milliseconds until a position may go out again, as far as this process knows. */
  waitMs(driverId: string, deliveryId: string): number {
    const last = this.#lastMs.get(`throttle:position:${driverId}:${deliveryId}`)
    if (last === undefined) return this.#intervalMs
    return Math.max(0, this.#intervalMs - Math.abs(this.#clock.now().getTime() - last))
  }

  async #askRedis(key: string, nowMs: number): Promise<boolean> {
    if (this.#command.status !== 'ready') return true
    try {
      return (await this.#command.eval(script, 1, key, nowMs, this.#intervalMs)) === 1
    } catch {
      // Redis went away; the in-process time above has already been asked. Its loss is logged by the connection's own listener.
      return true
    }
  }

  #remember(key: string, nowMs: number): void {
    if (this.#lastMs.size >= mostRemembered) {
      for (const [old, atMs] of this.#lastMs) if (nowMs - atMs >= this.#intervalMs) this.#lastMs.delete(old)
    }
    this.#lastMs.set(key, nowMs)
  }
}

const throttles = new WeakMap<Redis, PositionThrottle>()

/** The throttle of a process: one, whether positions come by socket or by HTTP. */
export function positionThrottle(context: Context): PositionThrottle {
  const { command } = context.redis
  const known = throttles.get(command)
  if (known !== undefined) return known
  const made = new PositionThrottle({ command, clock: context.clock, intervalMs: context.config.limits.positionIntervalMs })
  throttles.set(command, made)
  return made
}
