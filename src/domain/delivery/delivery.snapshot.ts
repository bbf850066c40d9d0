import type { Context } from '../../context.ts'
import { closeCodes } from '../../platform/realtime/close-codes.ts'
import type { Snapshot } from '../../platform/realtime/visit.ts'
import { positionFrame, statusFrame, statusUpdateFrame } from './delivery.frames.ts'
import { type DeliveryRow, findDelivery } from './delivery.row.ts'
import { deliveryStates, liveDeliveryStates, visibleDeliveryStates } from './delivery.states.ts'
import { type LastPosition, lastPosition } from './position.cache.ts'

/** The present of a delivery for its watchers: the row, and the newest position while it is live. */
export async function readDeliverySnapshot(context: Context, deliveryId: string): Promise<Snapshot | undefined> {
  const row = await findDelivery(context.db, deliveryId)
  if (row === undefined) return undefined
  const position = await newestPosition(context, row)
  return {
    eventVersion: row.eventCount,
    joinFrames: [statusUpdateFrame(row)],
    eventFrames: [statusFrame(row.state), statusUpdateFrame(row)],
    position:
      position === undefined
        ? undefined
        : {
            lane: 'position',
            version: position.ts,
            audience: visibleDeliveryStates.includes(row.state) ? 'all' : 'inside',
            frames: [positionFrame({ lat: position.lat, lng: position.lng, status: row.state, ts: position.ts })],
          },
    end: deliveryStates.isFinal(row.state) ? closeCodes.ended : undefined,
  }
}

type Positioned = Pick<DeliveryRow, 'id' | 'state' | 'driverId' | 'lastLat' | 'lastLng' | 'lastFixAt' | 'lastAccuracyM'>

/** Where the driver of a live delivery was last: what was told last, or what was saved last. Undefined once it is over. */
export async function newestPosition(context: Context, row: Positioned): Promise<LastPosition | undefined> {
  if (row.driverId === null || !liveDeliveryStates.includes(row.state)) return undefined
  const told = await lastPosition(context.redis.command, row.id, row.driverId)
  const saved =
    row.lastLat === null || row.lastLng === null || row.lastFixAt === null
      ? undefined
      : { driverId: row.driverId, lat: row.lastLat, lng: row.lastLng, ts: row.lastFixAt.getTime(), accuracyM: row.lastAccuracyM }
  return told !== undefined && told.ts >= (saved?.ts ?? 0) ? told : saved
}
