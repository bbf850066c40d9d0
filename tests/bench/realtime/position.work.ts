/**
 * What every server of the benchmark does with a position it is sent: the shop's own reading, judging and writing, so that only
 * the way to the watchers differs. Also built for Node, so it may use nothing of Bun.
 */
import { oldPositionFrame, readTrackFrame } from '../../../src/domain/delivery/delivery.frames.ts'
import type { PositionFacts } from '../../../src/domain/delivery/delivery.facts.ts'
import { judgeFix } from '../../../src/domain/delivery/fix.rules.ts'

/** Reads and judges one frame of a driver; undefined for what is none. */
export function takePosition(text: string): PositionFacts | undefined {
  const frame = readTrackFrame(text)
  if (frame.kind !== 'position') return undefined
  const fixedAt = typeof frame.ts === 'number' ? new Date(frame.ts) : undefined
  const verdict = judgeFix({ lat: frame.lat, lng: frame.lng, accuracyM: frame.accuracyM, fixedAt }, new Date(Number(frame.ts)))
  if (!verdict.ok) return undefined
  const { lat, lng, accuracyM, speedMps, headingDeg } = verdict.fix
  return { deliveryId: '', lat, lng, accuracyM, speedMps, headingDeg, ts: Number(frame.ts), state: 'en_route', ...paddingOf(text) }
}

// Only the scenario of stalled readers sends long frames, so that buffers fill in seconds and not in an hour.
const paddingOf = (text: string): { padding?: string } =>
  text.length < 1_000 ? {} : { padding: (JSON.parse(text) as { padding: string }).padding }

/** The frame watchers get. */
export const frameOf = (facts: PositionFacts): string => {
  const frame = oldPositionFrame(facts)
  const { padding } = facts as { padding?: string }
  return padding === undefined ? frame : `${frame.slice(0, -1)},"padding":"${padding}"}`
}

/** The frame a newcomer gets, from every server the same. */
export const welcome = '{"type":"status_update","id":1,"status":"en_route"}'

/** What a server says of itself when asked at `/self`. */
export interface SelfReport {
  readonly cpuUs: number
  readonly rssBytes: number
  /** Closes by code, where the server counts them. */
  readonly closed: Readonly<Record<string, number>>
}

/** The processor time and memory of this process. */
export function reportSelf(closed: Readonly<Record<string, number>> = {}): SelfReport {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, rssBytes: process.memoryUsage().rss, closed }
}
