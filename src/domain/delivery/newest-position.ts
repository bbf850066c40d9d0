import type { Context } from '../../context.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { liveDeliveryStates } from './delivery.states.ts'
import { type LastPosition, lastPositions } from './position.cache.ts'

/** What of a delivery says where its driver was last. */
export type Positioned = Pick<DeliveryRow, 'id' | 'state' | 'driverId' | 'lastLat' | 'lastLng' | 'lastFixAt' | 'lastAccuracyM'>

/**
 * Where the drivers of live deliveries were last, by delivery: what was told last, or what was saved last. Nothing for a delivery
 * that is over or has no driver. Redis is asked once for all of them.
 */
export async function newestPositions(context: Context, rows: readonly Positioned[]): Promise<Map<string, LastPosition>> {
  const live = rows.filter(({ driverId, state }) => driverId !== null && liveDeliveryStates.includes(state))
  const told = await lastPositions(
    context.redis.command,
    live.map(({ id, driverId }) => ({ deliveryId: id, driverId: driverId ?? '' })),
  )
  const newest = new Map<string, LastPosition>()
  for (const [index, row] of live.entries()) {
    const saved = savedPosition(row)
    const position = told[index]
    const chosen = position !== undefined && position.ts >= (saved?.ts ?? 0) ? position : saved
    if (chosen !== undefined) newest.set(row.id, chosen)
  }
  return newest
}

/** Where the driver of one live delivery was last. */
export const newestPosition = async (context: Context, row: Positioned): Promise<LastPosition | undefined> =>
  (await newestPositions(context, [row])).get(row.id)

function savedPosition(row: Positioned): LastPosition | undefined {
  const { driverId, lastLat, lastLng, lastFixAt, lastAccuracyM } = row
  if (driverId === null || lastLat === null || lastLng === null || lastFixAt === null) return undefined
  return { driverId, lat: lastLat, lng: lastLng, ts: lastFixAt.getTime(), accuracyM: lastAccuracyM, speedMps: null, headingDeg: null }
}
