import { and, eq, inArray } from 'drizzle-orm'
import { distanceM } from '../../lib/geo.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Tx } from '../../platform/db.ts'
import { deliveryChannel } from './announce-delivery.ts'
import { positionFrame } from './delivery.frames.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { findDelivery } from './delivery.row.ts'
import { type DeliveryState, liveDeliveryStates, visibleDeliveryStates } from './delivery.states.ts'
import { deliveries, deliveryPositions, drivers } from './delivery.table.ts'
import { type Fix, judgeFix, type FixRefusal, type ReportedFix } from './fix.rules.ts'
import { moveDelivery } from './move-delivery.ts'
import { keepLastPosition } from './position.cache.ts'
import type { PositionThrottle } from './position.throttle.ts'

/** What became of reported fixes. */
export interface PositionOutcome {
  /** Whether the newest one went out to the watchers. */
  readonly isPublished: boolean
  /** How many were saved to the trail. */
  readonly saved: number
  readonly refused: readonly { readonly index: number; readonly why: FixRefusal }[]
  readonly isOutsideKenya: boolean
}

/** The fixes of one driver for one delivery. */
export interface PositionReport {
  readonly deliveryId: string
  readonly driverId: string
  readonly actor: Actor
  /** One live fix, or a batch kept on a phone without signal. */
  readonly fixes: readonly ReportedFix[]
}

/**
 * Takes fixes from the driver assigned now. The newest goes to the watchers, at most one per interval; what is far enough from the
 * last saved one in time and place is saved (design: product.md section 5: 5 s, 8 s and 25 m). The first one saved after pick-up
 * starts the ride, as the predecessor did. Refuses with `not_allowed` for anybody but the assigned driver, `delivery_state` once
 * the delivery takes no positions any more.
 */
export async function recordPosition(context: Context, throttle: PositionThrottle, report: PositionReport): Promise<PositionOutcome> {
  const now = context.clock.now()
  const { fixes, refused } = judge(report.fixes, now)
  const newest = fixes.at(-1)
  const mayPublish = newest !== undefined && !newest.isLate && (await throttle.take(report.driverId, report.deliveryId))
  const nothing = { isPublished: false, saved: 0, refused, isOutsideKenya: newest?.isOutsideKenya ?? false }
  // A live fix within the interval costs nothing but this; a batch is looked at for its trail.
  if (newest === undefined || (!mayPublish && fixes.length === 1 && !newest.isLate)) return nothing

  const delivery = await mustBeDriving(context, report)
  const worth = worthSaving(delivery, fixes, context.config.limits)
  const state =
    worth.length === 0
      ? delivery.state
      : await save(context, { now, ids: context.ids, actor: report.actor }, delivery, report.driverId, worth)
  const isNewer = delivery.lastFixAt === null || newest.fixedAt > delivery.lastFixAt
  if (mayPublish && isNewer) await publish(context, report, newest, state)
  return { ...nothing, isPublished: mayPublish && isNewer, saved: worth.length }
}

function judge(reported: readonly ReportedFix[], now: Date): { fixes: Fix[]; refused: { index: number; why: FixRefusal }[] } {
  const fixes: Fix[] = []
  const refused: { index: number; why: FixRefusal }[] = []
  for (const [index, one] of reported.entries()) {
    const verdict = judgeFix(one, now)
    if (verdict.ok) fixes.push(verdict.fix)
    else refused.push({ index, why: verdict.why })
  }
  fixes.sort((a, b) => a.fixedAt.getTime() - b.fixedAt.getTime())
  return { fixes, refused }
}

// Asked of the database for every fix that is not throttled: a driver who was sent away, or a delivery that ended, in whichever
// process, must not put one more dot on anybody's map.
async function mustBeDriving(context: Context, { deliveryId, driverId }: PositionReport): Promise<DeliveryRow> {
  const delivery = await findDelivery(context.db, deliveryId)
  if (delivery === undefined || delivery.driverId !== driverId) throw new Refusal('not_allowed')
  if (!liveDeliveryStates.includes(delivery.state)) throw new Refusal('delivery_state')
  return delivery
}

/** The fixes far enough from the one saved before them, in time and place. The first one always is. Pure. */
export function worthSaving(
  last: { lastFixAt: Date | null; lastLat: number | null; lastLng: number | null; assignedAt: Date | null },
  fixes: readonly Fix[],
  limits: { positionPersistMs: number; positionPersistM: number },
): Fix[] {
  const worth: Fix[] = []
  let { lastFixAt, lastLat, lastLng } = last
  for (const fix of fixes) {
    // Nothing from before this driver had the delivery: it is not part of the trip.
    if (last.assignedAt !== null && fix.fixedAt < last.assignedAt) continue
    if (lastFixAt !== null && lastLat !== null && lastLng !== null) {
      if (fix.fixedAt.getTime() - lastFixAt.getTime() < limits.positionPersistMs) continue
      if (distanceM({ lat: lastLat, lng: lastLng }, fix) < limits.positionPersistM) continue
    }
    worth.push(fix)
    lastFixAt = fix.fixedAt
    lastLat = fix.lat
    lastLng = fix.lng
  }
  return worth
}

async function save(
  context: Context,
  stamp: Stamp,
  delivery: DeliveryRow,
  driverId: string,
  worth: readonly Fix[],
): Promise<DeliveryState> {
  const newest = worth.at(-1) as Fix
  const state = await context.db.transaction((tx) => saveTrail(tx, stamp, delivery, driverId, worth))
  // After the commit and on its own: a driver's row is locked by whoever hands them work, and must not be waited for with a
  // delivery in hand.
  await context.db
    .update(drivers)
    .set({ lastLat: newest.lat, lastLng: newest.lng, lastSeenAt: newest.fixedAt })
    .where(eq(drivers.accountId, driverId))
  if (state !== delivery.state) context.outbox.wake()
  return state
}

async function saveTrail(tx: Tx, stamp: Stamp, delivery: DeliveryRow, driverId: string, worth: readonly Fix[]): Promise<DeliveryState> {
  const newest = worth.at(-1) as Fix
  const [saved] = await tx
    .update(deliveries)
    .set({ lastLat: newest.lat, lastLng: newest.lng, lastAccuracyM: newest.accuracyM, lastFixAt: newest.fixedAt })
    .where(and(eq(deliveries.id, delivery.id), eq(deliveries.driverId, driverId), inArray(deliveries.state, [...liveDeliveryStates])))
    .returning({ state: deliveries.state })
  if (saved === undefined) throw new Refusal('delivery_state')
  await tx
    .insert(deliveryPositions)
    .values(
      worth.map((fix) => ({
        id: stamp.ids.next(),
        deliveryId: delivery.id,
        driverId,
        lat: fix.lat,
        lng: fix.lng,
        accuracyM: fix.accuracyM,
        speedMps: fix.speedMps,
        headingDeg: fix.headingDeg,
        fixedAt: fix.fixedAt,
        receivedAt: stamp.now,
      })),
    )
    .onConflictDoNothing()
  if (saved.state !== 'picked_up') return saved.state as DeliveryState
  return (await moveDelivery(tx, stamp, { id: delivery.id, state: 'picked_up' }, 'en_route', { place: newest, data: { by: 'position' } }))
    .state
}

async function publish(context: Context, report: PositionReport, fix: Fix, state: DeliveryState): Promise<void> {
  const ts = fix.fixedAt.getTime()
  // Kept before it is told: whoever joins in between reads it, and then drops the message they have already seen.
  await keepLastPosition(context.redis.command, report.deliveryId, {
    driverId: report.driverId,
    lat: fix.lat,
    lng: fix.lng,
    ts,
    accuracyM: fix.accuracyM,
  })
  context.hub.publish(deliveryChannel(report.deliveryId), {
    lane: 'position',
    version: ts,
    audience: visibleDeliveryStates.includes(state) ? 'all' : 'inside',
    frames: [positionFrame({ lat: fix.lat, lng: fix.lng, status: state, ts })],
  })
}
