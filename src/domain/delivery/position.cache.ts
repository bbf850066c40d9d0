import type { Redis } from 'ioredis'

/** The newest position of a delivery, as watchers are shown it. Times in epoch milliseconds. */
export interface LastPosition {
  readonly driverId: string
  readonly lat: number
  readonly lng: number
  readonly ts: number
  readonly accuracyM: number | null
}

// Where a rider is, is personal data: what nobody renews is gone after a day.
const keepS = 86_400

const keyOf = (deliveryId: string): string => `delivery:${deliveryId}:last`

/** Keeps the newest position for those who join later. A convenience: without Redis they see the last saved one. */
export async function keepLastPosition(command: Redis, deliveryId: string, position: LastPosition): Promise<void> {
  if (command.status !== 'ready') return
  const key = keyOf(deliveryId)
  const fields = { driver: position.driverId, lat: position.lat, lng: position.lng, ts: position.ts, acc: position.accuracyM ?? '' }
  try {
    await command.multi().hset(key, fields).expire(key, keepS).exec()
  } catch {
    // The position still goes out; whoever joins before the next one sees the last saved one. The loss of Redis itself is logged.
  }
}

/** The newest position kept; undefined when there is none, Redis is away, or it is of another driver than the one asked for. */
export async function lastPosition(command: Redis, deliveryId: string, driverId: string): Promise<LastPosition | undefined> {
  if (command.status !== 'ready') return undefined
  try {
    const { driver, lat, lng, ts, acc } = await command.hgetall(keyOf(deliveryId))
    if (driver !== driverId) return undefined
    return { driverId, lat: Number(lat), lng: Number(lng), ts: Number(ts), accuracyM: acc === '' || acc === undefined ? null : Number(acc) }
  } catch {
    // As above: the caller falls back to the saved position.
    return undefined
  }
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
