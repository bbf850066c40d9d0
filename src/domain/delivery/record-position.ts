import { and, asc, eq, gte, lte } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { after } from '../../lib/time.ts'
import { crossFence } from './cross-fence.ts'
import { arrivalOf } from './delivery.arrival.ts'
import { deliveryChannel, type PositionFacts } from './delivery.facts.ts'
import { type DeliveryNow, deliveryReaders } from './delivery.reader.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { liveDeliveryStates } from './delivery.states.ts'
import { deliveryPositions } from './delivery.table.ts'
import type { FenceFix } from './fence.rules.ts'
import { type Fix, type FixRefusal, isJump, isNews, judgeFix, type ReportedFix } from './fix.rules.ts'
import { keepLastPosition, type LastPosition } from './position.cache.ts'
import type { PositionThrottle } from './position.throttle.ts'
import { worthSaving } from './trail.rules.ts'
import { trailWriter } from './trail.writer.ts'

/** What became of reported fixes. */
export interface PositionOutcome {
  /** Whether the newest one went out to the watchers. */
  readonly isPublished: boolean
  /** How many were saved to the trail. */
  readonly saved: number
  readonly refused: readonly { readonly index: number; readonly why: FixRefusal }[]
  readonly isOutsideKenya: boolean
  /** The newest usable fix, when it came too soon after the last one that was told. */
  readonly tooSoon: Fix | undefined
  /** The newest fix that was believed. */
  readonly newest: Fix | undefined
  /** The delivery as it was read; undefined when nothing had to be read. */
  readonly delivery: DeliveryRow | undefined
}

/** The fixes of one driver for one delivery. */
export interface PositionReport {
  readonly deliveryId: string
  readonly driverId: string
  readonly actor: Actor
  /** One live fix, or a batch kept on a phone without signal. */
  readonly fixes: readonly ReportedFix[]
}

interface IndexedFix {
  readonly index: number
  readonly fix: Fix
}
interface Refused {
  readonly index: number
  readonly why: FixRefusal
}

/**
 * Takes fixes from the driver assigned now. The newest goes to the watchers, at most one per interval; what is far enough from the
 * last saved one in time and place is saved (design: product.md section 5: 5 s, 8 s and 25 m). Fixes that are inexact, outside
 * Kenya or a jump no rider makes are left out. The first one saved after pick-up starts the ride, as the predecessor did. Refuses
 * with `not_allowed` for anybody but the assigned driver, `delivery_state` once the delivery takes no positions any more.
 */
export async function recordPosition(context: Context, throttle: PositionThrottle, report: PositionReport): Promise<PositionOutcome> {
  const { limits } = context.config
  const { fixes, refused } = judge(report.fixes, context.clock.now(), limits.positionAccuracyM)
  const newest = fixes.at(-1)?.fix
  const isLive = newest !== undefined && !newest.isLate
  const mayPublish = isLive && (await throttle.take(report.driverId, report.deliveryId))
  const isOutsideKenya = report.fixes.length > 0 && refused.some(({ index, why }) => why === 'out_of_range' && isPlace(report.fixes[index]))
  const nothing: PositionOutcome = {
    isPublished: false,
    saved: 0,
    refused,
    isOutsideKenya,
    tooSoon: undefined,
    newest: undefined,
    delivery: undefined,
  }
  if (newest === undefined) return nothing
  // A live fix within the interval costs nothing but this; a batch is looked at for its trail.
  if (isLive && !mayPublish && fixes.length === 1) return { ...nothing, tooSoon: newest }

  const { row: delivery, told } = await mustBeDriving(context, report)
  const { believed, jumps } = leaveOutJumps(told, fixes, limits.positionMaxSpeedMps)
  const worth = worthSaving(delivery, believed, limits, await savedAround(context, delivery, believed, limits.positionPersistMs))
  const last = believed.at(-1)
  const isNewer = last !== undefined && !last.isLate && last.fixedAt.getTime() > (told?.ts ?? 0)
  const isTold = mayPublish && isNewer && isNews(told, last, { minMoveM: limits.positionMinMoveM, forcedMs: limits.positionForcedMs })

  // The first fix after pick-up moves the delivery, and is told with the state it leads to; any other need not wait for the disk.
  const saving = worth.length === 0 ? undefined : trailWriter(context).save({ ...report, state: delivery.state, worth })
  const ridden = delivery.state === 'picked_up' && saving !== undefined ? await saving : delivery.state
  const before = fenceBefore(told, believed)
  const state = isNewer ? await crossFence(context, report.actor, delivery, ridden, { before, fix: last }) : ridden
  const isPublished = isTold && (await publish(context, report, last, { ...delivery, state }))
  await saving
  return {
    ...nothing,
    refused: [...refused, ...jumps],
    isPublished,
    saved: worth.length,
    tooSoon: isLive && !mayPublish && isNewer ? last : undefined,
    newest: last,
    delivery,
  }
}

/**
 * Tells a fix that came too soon, now that its time has come, unless a newer one was told meanwhile. Says nothing when the rider
 * may no longer be seen: whoever ended the delivery has told so already.
 */
export async function tellLater(context: Context, throttle: PositionThrottle, report: PositionReport, fix: Fix): Promise<void> {
  if (!(await throttle.take(report.driverId, report.deliveryId))) return
  const now = await deliveryReaders(context).now.read(report.deliveryId)
  if (now === undefined || now.row.driverId !== report.driverId || !liveDeliveryStates.includes(now.row.state)) return
  if (isJump(now.told, fix, context.config.limits.positionMaxSpeedMps)) return
  await publish(context, report, fix, now.row)
}

/** The fix before the newest: of the same batch, else the one told last. */
const fenceBefore = (told: LastPosition | undefined, believed: readonly Fix[]): FenceFix | undefined => believed.at(-2) ?? told

const isPlace = (reported: ReportedFix | undefined): boolean =>
  typeof reported?.lat === 'number' &&
  typeof reported.lng === 'number' &&
  Math.abs(reported.lat) <= 90 &&
  Math.abs(reported.lng) <= 180 &&
  (reported.lat !== 0 || reported.lng !== 0)

function judge(reported: readonly ReportedFix[], now: Date, mostAccuracyM: number): { fixes: IndexedFix[]; refused: Refused[] } {
  const fixes: IndexedFix[] = []
  const refused: Refused[] = []
  for (const [index, one] of reported.entries()) {
    const verdict = judgeFix(one, now)
    if (!verdict.ok) refused.push({ index, why: verdict.why })
    else if (verdict.fix.isOutsideKenya) refused.push({ index, why: 'out_of_range' })
    else if ((verdict.fix.accuracyM ?? 0) > mostAccuracyM) refused.push({ index, why: 'inaccurate' })
    else fixes.push({ index, fix: verdict.fix })
  }
  fixes.sort((a, b) => a.fix.fixedAt.getTime() - b.fix.fixedAt.getTime())
  return { fixes, refused }
}

function leaveOutJumps(
  told: LastPosition | undefined,
  fixes: readonly IndexedFix[],
  maxSpeedMps: number,
): { believed: Fix[]; jumps: Refused[] } {
  const believed: Fix[] = []
  const jumps: Refused[] = []
  for (const { index, fix } of fixes) {
    const before = believed.at(-1)
    const from =
      before === undefined ? told : { lat: before.lat, lng: before.lng, accuracyM: before.accuracyM, ts: before.fixedAt.getTime() }
    if (isJump(from, fix, maxSpeedMps)) jumps.push({ index, why: 'too_fast' })
    else believed.push(fix)
  }
  return { believed, jumps }
}

// Asked of the database for every fix that is not throttled: a driver who was sent away, or a delivery that ended, in whichever
// process, must not put one more dot on anybody's map.
async function mustBeDriving(context: Context, { deliveryId, driverId }: PositionReport): Promise<DeliveryNow> {
  const now = await deliveryReaders(context).now.read(deliveryId)
  if (now === undefined || now.row.driverId !== driverId) throw new Refusal('not_allowed')
  if (!liveDeliveryStates.includes(now.row.state)) throw new Refusal('delivery_state')
  return now
}

/**
 * The saved points around fixes that are older than the last saved one. Looked up for a batch only: that is a part of the way still
 * missing, while a single older fix is a straggler that was overtaken.
 */
async function savedAround(context: Context, delivery: DeliveryRow, fixes: readonly Fix[], aroundMs: number) {
  const [first, last] = [fixes[0], fixes.at(-1)]
  if (first === undefined || last === undefined || delivery.lastFixAt === null || first.fixedAt >= delivery.lastFixAt) return []
  if (fixes.length === 1) return [{ lat: first.lat, lng: first.lng, fixedAt: first.fixedAt }]
  return context.db
    .select({ lat: deliveryPositions.lat, lng: deliveryPositions.lng, fixedAt: deliveryPositions.fixedAt })
    .from(deliveryPositions)
    .where(
      and(
        eq(deliveryPositions.deliveryId, delivery.id),
        gte(deliveryPositions.fixedAt, after(first.fixedAt, -aroundMs * 10)),
        lte(deliveryPositions.fixedAt, after(last.fixedAt, aroundMs)),
      ),
    )
    .orderBy(asc(deliveryPositions.fixedAt))
}

/** False when another process has told a newer one meanwhile. */
async function publish(
  context: Context,
  report: PositionReport,
  fix: Fix,
  row: Pick<DeliveryRow, 'state' | 'destLat' | 'destLng'>,
): Promise<boolean> {
  const { lat, lng, accuracyM, speedMps, headingDeg } = fix
  const ts = fix.fixedAt.getTime()
  const position = { lat, lng, ts, accuracyM, speedMps, headingDeg }
  const keep = () => keepLastPosition(context.redis.command, report.deliveryId, { ...position, driverId: report.driverId })
  // Kept before it is told: whoever joins in between reads it, and then drops the message they have already seen.
  if (!(await keep())) return false
  const eta = arrivalOf(context, row, position)
  const facts: PositionFacts = {
    ...position,
    deliveryId: report.deliveryId,
    state: row.state,
    eta: eta === undefined ? null : { from: eta.from.toISOString(), to: eta.to.toISOString() },
  }
  context.hub.publish(deliveryChannel(report.deliveryId), { lane: 'position', version: ts, facts }, keep)
  return true
}
