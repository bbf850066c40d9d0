import { distanceM } from '../../lib/geo.ts'
import type { Fix } from './fix.rules.ts'

/** A point that is part of the trail already. */
export interface SavedPoint {
  readonly lat: number
  readonly lng: number
  readonly fixedAt: Date
}

/** When a fix is worth a row (design: product.md section 5: 8 s and 25 m). */
export interface TrailLimits {
  readonly positionPersistMs: number
  readonly positionPersistM: number
}

/**
 * The fixes far enough from the one saved before them, in time and place. The first one always is. `saved`: points that may lie
 * between or after the fixes, because a phone without signal sends its way later than the place it is at. Pure.
 */
export function worthSaving(
  last: { lastFixAt: Date | null; lastLat: number | null; lastLng: number | null; assignedAt: Date | null },
  fixes: readonly Fix[],
  limits: TrailLimits,
  saved: readonly SavedPoint[] = [],
): Fix[] {
  const { lastFixAt, lastLat, lastLng, assignedAt } = last
  const points: SavedPoint[] = [...saved]
  if (lastFixAt !== null && lastLat !== null && lastLng !== null) points.push({ lat: lastLat, lng: lastLng, fixedAt: lastFixAt })
  const worth: Fix[] = []
  for (const fix of fixes) {
    // Nothing from before this driver had the delivery: it is not part of the trip.
    if (assignedAt !== null && fix.fixedAt < assignedAt) continue
    if (!isFarFrom(points, fix, limits)) continue
    worth.push(fix)
    points.push(fix)
  }
  return worth
}

function isFarFrom(points: readonly SavedPoint[], fix: Fix, limits: TrailLimits): boolean {
  let before: SavedPoint | undefined
  for (const point of points) {
    if (Math.abs(fix.fixedAt.getTime() - point.fixedAt.getTime()) < limits.positionPersistMs) return false
    if (point.fixedAt <= fix.fixedAt && (before === undefined || point.fixedAt > before.fixedAt)) before = point
  }
  return before === undefined || distanceM(before, fix) >= limits.positionPersistM
}
