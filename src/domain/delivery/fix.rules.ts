import { type Place, inKenya, toSixPlaces } from '../../lib/geo.ts'
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
}

/** A fix that may be used: six places, in range. */
export interface Fix extends Place {
  readonly accuracyM: number | null
  readonly speedMps: number | null
  readonly headingDeg: number | null
  readonly fixedAt: Date
  /** Old: good for the trail, never for the marker. */
  readonly isLate: boolean
  /** Outside the Kenya box: kept and shown, and said so to whoever sent it. */
  readonly isOutsideKenya: boolean
}

/** Why a fix is refused; the first two are words of the predecessor's socket. */
export type FixRefusal = 'invalid_payload' | 'out_of_range' | 'from_the_future'

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
    },
  }
}

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const within = (value: unknown, least: number, most: number): number | null =>
  isFiniteNumber(value) && value >= least && value <= most ? value : null
