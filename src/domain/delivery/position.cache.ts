import type { Redis } from 'ioredis'

/** The newest position of a delivery, as watchers are shown it. Times in epoch milliseconds. */
export interface LastPosition {
  readonly driverId: string
  readonly lat: number
  readonly lng: number
  readonly ts: number
  readonly accuracyM: number | null
  readonly speedMps: number | null
  readonly headingDeg: number | null
}

// Where a rider is, is personal data: what nobody renews is gone after a day.
const keepS = 86_400

const keyOf = (deliveryId: string): string => `delivery:${deliveryId}:last`

// Compare and set in one step: of two processes that hold fixes of one driver, the older must not overwrite the newer.
const script = `
local last = redis.call('HMGET', KEYS[1], 'driver', 'ts')
if last[1] == ARGV[1] and tonumber(last[2] or '') and tonumber(last[2]) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'driver', ARGV[1], 'ts', ARGV[2], 'lat', ARGV[3], 'lng', ARGV[4], 'acc', ARGV[5], 'spd', ARGV[6], 'brg', ARGV[7])
redis.call('EXPIRE', KEYS[1], ${keepS})
return 1`

/**
 * Keeps the newest position for those who join later. False when a newer one is kept already. A convenience: without Redis they
 * see the last saved one.
 */
export async function keepLastPosition(command: Redis, deliveryId: string, position: LastPosition): Promise<boolean> {
  if (command.status !== 'ready') return true
  const { driverId, lat, lng, ts, accuracyM, speedMps, headingDeg } = position
  try {
    const kept = await command.eval(script, 1, keyOf(deliveryId), driverId, ts, lat, lng, accuracyM ?? '', speedMps ?? '', headingDeg ?? '')
    return kept === 1
  } catch {
    // The position still goes out; whoever joins before the next one sees the last saved one. The loss of Redis itself is logged.
    return true
  }
}

/**
 * The newest positions kept, in the order asked for; undefined where there is none, Redis is away, or it is of another driver than
 * the one asked for.
 */
export async function lastPositions(
  command: Redis,
  wanted: readonly { deliveryId: string; driverId: string }[],
): Promise<(LastPosition | undefined)[]> {
  if (command.status !== 'ready' || wanted.length === 0) return []
  try {
    const pipeline = command.pipeline()
    for (const { deliveryId } of wanted) pipeline.hgetall(keyOf(deliveryId))
    const answers = (await pipeline.exec()) ?? []
    return wanted.map(({ driverId }, index) => {
      const [error, fields] = answers[index] ?? [null, null]
      return error === null ? readPosition(fields as Record<string, string>, driverId) : undefined
    })
  } catch {
    // As above: the caller falls back to the saved position.
    return []
  }
}

function readPosition(fields: Readonly<Record<string, string>> | null, driverId: string): LastPosition | undefined {
  if (fields?.['driver'] !== driverId) return undefined
  const number = (name: string): number | null => (fields[name] === undefined || fields[name] === '' ? null : Number(fields[name]))
  const [lat, lng, ts] = [number('lat'), number('lng'), number('ts')]
  if (lat === null || lng === null || ts === null) return undefined
  return { driverId, lat, lng, ts, accuracyM: number('acc'), speedMps: number('spd'), headingDeg: number('brg') }
}

/** Forgets the position at the end of a delivery. */
export async function forgetLastPosition(command: Redis, deliveryId: string): Promise<void> {
  if (command.status !== 'ready') return
  try {
    await command.del(keyOf(deliveryId))
  } catch {
    // It expires by itself, and nobody is shown it: the state decides who sees a position.
  }
}
