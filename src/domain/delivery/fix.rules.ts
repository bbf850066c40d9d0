import { distanceM, type Place, inKenya, toSixPlaces } from '../../lib/geo.ts'
import { minutes, seconds } from '../../lib/time.ts'

/** A fix as a phone reports it; nothing about it is believed yet. */
export interface ReportedFix {
  readonly lat: unknown
  readonly lng: unknown
  readonly accuracyM?: unknown
  readonly speedMps?: unknown
  readonly headingDeg?: unknown
  /** When it was taken; absent means now. */
  readonly fixedAt?: Date | undefined
  /** The sender tells of each fix when it was taken, so that speed between two of them can be believed. */
  readonly isTimed?: boolean
}

/** A fix that may be used: six places, in range. */
export interface Fix extends Place {
  readonly accuracyM: number | null
  readonly speedMps: number | null
  readonly headingDeg: number | null
  readonly fixedAt: Date
  /** Old: good for the trail, never for the marker. */
  readonly isLate: boolean
  /** Outside the Kenya box: no rider of ours is there. */
  readonly isOutsideKenya: boolean
  readonly isTimed: boolean
}

/** Why a fix is refused; the first two are words of the predecessor's socket. */
export type FixRefusal = 'invalid_payload' | 'out_of_range' | 'from_the_future' | 'inaccurate' | 'too_fast'

// A phone's clock may be off by a little; a fix that waited longer than this says where the rider was, not where they are.
const futureMs = seconds(60)
const lateMs = minutes(10)

/**
 * Judges a reported fix: finite numbers, latitude within 90 and longitude within 180 degrees, not the (0, 0) of a phone without a
 * fix, not from the future (design: realtime.md 4.1 and 6.3). Pure.
 */
export function judgeFix(
  reported: ReportedFix,
  now: Date,
): { readonly ok: true; readonly fix: Fix } | { readonly ok: false; readonly why: FixRefusal } {
  const { lat, lng } = reported
  if (!isFiniteNumber(lat) || !isFiniteNumber(lng)) return { ok: false, why: 'invalid_payload' }
  if (Math.abs(lat) > 90 || Math.abs(lng) > 180 || (lat === 0 && lng === 0)) return { ok: false, why: 'out_of_range' }
  const fixedAt = reported.fixedAt ?? now
  const ageMs = now.getTime() - fixedAt.getTime()
  if (!Number.isFinite(ageMs)) return { ok: false, why: 'invalid_payload' }
  if (ageMs < -futureMs) return { ok: false, why: 'from_the_future' }
  const place = { lat: toSixPlaces(lat), lng: toSixPlaces(lng) }
  return {
    ok: true,
    fix: {
      ...place,
      accuracyM: within(reported.accuracyM, 0, 100_000),
      speedMps: within(reported.speedMps, 0, 200),
      headingDeg: within(reported.headingDeg, 0, 360),
      // A clock that runs ahead must not keep later fixes from replacing this one.
      fixedAt: ageMs < 0 ? now : fixedAt,
      isLate: ageMs > lateMs,
      isOutsideKenya: !inKenya(place),
      isTimed: reported.isTimed ?? false,
    },
  }
}

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const within = (value: unknown, least: number, most: number): number | null =>
  isFiniteNumber(value) && value >= least && value <= most ? value : null

/** Where the rider was before a fix. */
export interface EarlierFix extends Place {
  readonly ts: number
  readonly accuracyM: number | null
}

// A jump is doubted only against a place the rider was at a moment ago: the place before may itself have been the mistake.
const doubtMs = minutes(1)
// Without times of their own several fixes may arrive in one moment, so that a short way between two of them proves nothing.
const untimedSlackM = 2_000

/** Whether a rider cannot have come from there to here in that time; how inexact both fixes are is allowed for. Pure. */
export function isJump(from: EarlierFix | undefined, fix: Fix, maxSpeedMps: number): boolean {
  if (from === undefined) return false
  const tookMs = fix.fixedAt.getTime() - from.ts
  if (tookMs < 0 || tookMs > doubtMs) return false
  const slackM = (fix.accuracyM ?? 0) + (from.accuracyM ?? 0) + (fix.isTimed ? 0 : untimedSlackM)
  return distanceM(from, fix) - slackM > (maxSpeedMps * Math.max(tookMs, 1_000)) / 1_000
}

/** Whether a fix says anything new: far enough from what was told last, or long enough after it as a sign of life. Pure. */
export function isNews(told: EarlierFix | undefined, fix: Fix, limits: { minMoveM: number; forcedMs: number }): boolean {
  // The predecessor told every position it did not throttle.
  if (told === undefined || !fix.isTimed) return true
  return fix.fixedAt.getTime() - told.ts >= limits.forcedMs || distanceM(told, fix) >= limits.minMoveM
}
