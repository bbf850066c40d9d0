import type { Refusal } from '../../lib/refusal.ts'
import { heartbeat } from '../../platform/realtime/heartbeat.ts'
import { parseFrame } from '../../platform/realtime/parse-frame.ts'
import type { EventMessage } from '../../platform/realtime/watch.ts'
import { type DeliveryEventFacts, deliveryChannel, type PositionFacts } from './delivery.facts.ts'
import type { ReportedFix } from './fix.rules.ts'
import type { SendingPlan } from './sending.plan.ts'

/**
 * The words of `track.v1` (design: realtime.md 6.2; the AsyncAPI document beside Swagger tells clients). Short names, because a
 * frame goes over a phone's connection every few seconds; a `pos` of two hundred bytes still fits one packet of 2G.
 */
export const trackV1 = 'track.v1'

/** The most fixes in one `posb`, and the longest the other lists get. */
export const mostFixes = 60

const put = (frame: Record<string, unknown>): string => JSON.stringify(frame)

/** The first frame: who we are, what time it is here, how often a ping comes. */
export const hiFrame = (socketId: string, now: Date): string =>
  put({ t: 'hi', v: 1, sid: socketId, now: now.getTime(), hb: heartbeat.everyMs / 1_000 })

const positionWords = (version: number, facts: PositionFacts) => ({
  s: version,
  lat: facts.lat,
  lng: facts.lng,
  acc: facts.accuracyM,
  spd: facts.speedMps,
  brg: facts.headingDeg,
  ts: facts.ts,
})

/** What a newcomer is told. */
export interface SnapshotWords {
  readonly channel: string
  readonly requestId?: string | undefined
  readonly version: number
  readonly isRecovered: boolean
  readonly state: Record<string, unknown>
  readonly position: { readonly version: number; readonly facts: PositionFacts } | undefined
  readonly eta: { readonly from: Date; readonly to: Date } | undefined
  readonly events: readonly EventMessage[]
}

/** The present of a channel; `rec`: `evs` are all the events since the one the client said it had heard. */
export const snapFrame = (words: SnapshotWords): string =>
  put({
    t: 'snap',
    ...(words.requestId === undefined ? {} : { id: words.requestId }),
    ch: words.channel,
    off: words.version,
    rec: words.isRecovered,
    st: words.state,
    pos: words.position === undefined ? null : positionWords(words.position.version, words.position.facts),
    eta: words.eta === undefined ? null : { from: words.eta.from.toISOString(), to: words.eta.to.toISOString() },
    evs: words.events.map(({ version, facts }) => eventWords(version, facts as DeliveryEventFacts)),
  })

const eventWords = (version: number, facts: DeliveryEventFacts) => ({
  o: version,
  k: facts.kind,
  st: facts.state,
  at: facts.at,
  assignedAt: facts.assignedAt,
  pickedUpAt: facts.pickedUpAt,
  deliveredAt: facts.deliveredAt,
})

/** Something happened; `o` counts without gaps for each delivery. */
export const eventFrame = (version: number, facts: DeliveryEventFacts): string =>
  put({ t: 'evt', ch: deliveryChannel(facts.deliveryId), ...eventWords(version, facts) })

/** Where the rider is; `s` only grows, so what is not larger is old. */
export const livePositionFrame = (version: number, facts: PositionFacts): string =>
  put({
    t: 'pos',
    ch: deliveryChannel(facts.deliveryId),
    ...positionWords(version, facts),
    ...(facts.eta == null ? {} : { eta: facts.eta }),
  })

/** Fixes up to `n` were taken; `bad` names those that were not, and why. */
export const fixAckFrame = (n: number, bad: readonly (readonly [n: number, why: string])[]): string =>
  put({ t: 'ack', n, ...(bad.length === 0 ? {} : { bad }) })

/** An action was done, now or before. */
export const actionAckFrame = (id: string): string => put({ t: 'ack', id })

/** An answer to `unsub`, and the end of a watch while the socket stays. */
export const endFrame = (channel: string, why: string): string => put({ t: 'end', ch: channel, why })

/** Says no. `retry`: seconds after which the same may work. */
export const errFrame = (refusal: Pick<Refusal, 'code' | 'detail' | 'retryAfterS'>, to: { id?: string; n?: number } = {}): string =>
  put({
    t: 'err',
    ...to,
    c: refusal.code,
    m: refusal.detail,
    ...(refusal.retryAfterS === undefined ? {} : { retry: refusal.retryAfterS }),
  })

/** Tells the driver how to send. */
export const cfgFrame = (deliveryId: string, plan: SendingPlan): string =>
  put({ t: 'cfg', d: deliveryId, ivl: plan.intervalMs, min: plan.minMoveM, acc: plan.accuracyM })

export const pingV1Frame = put({ t: 'ping', x: 1 })
export const pongV1Frame = (x: unknown): string =>
  put({ t: 'pong', ...(typeof x === 'number' || (typeof x === 'string' && x.length <= 64) ? { x } : {}) })

/** The last frame before a close: why, and after how many milliseconds to come back. */
export const byeFrame = (code: number, retryMs: number | undefined): string =>
  put({ t: 'bye', c: code, ...(retryMs === undefined ? {} : { retry: retryMs }) })

/** A fix with the client's number of it. */
export interface NumberedFix {
  readonly n: number
  readonly fix: ReportedFix
}

/** What a client may say. */
export type V1Frame =
  | { readonly kind: 'sub'; readonly id: string | undefined; readonly key: string; readonly since: number | undefined }
  | { readonly kind: 'unsub'; readonly key: string }
  | {
      readonly kind: 'fixes'
      readonly key: string | undefined
      readonly fixes: readonly NumberedFix[]
      readonly battery: number | undefined
    }
  | {
      readonly kind: 'step'
      readonly id: string
      readonly key: string | undefined
      readonly to: string
      readonly at: Date | undefined
      readonly code: unknown
      readonly reason: unknown
    }
  | { readonly kind: 'ping'; readonly x: unknown }
  | { readonly kind: 'pong' }
  | { readonly kind: 'unknown'; readonly id: string | undefined }
  | { readonly kind: 'malformed'; readonly id: string | undefined; readonly n: number | undefined }

/** Reads one frame of a client. Never throws. */
export function readV1Frame(text: string): V1Frame {
  const frame = parseFrame(text)
  if (frame === undefined) return { kind: 'malformed', id: undefined, n: undefined }
  const id = readId(frame['id'])
  const malformed = { kind: 'malformed', id, n: readCount(frame['n']) } as const
  switch (frame['t']) {
    case 'sub': {
      const key = readChannel(frame['ch'])
      const since = frame['off'] === undefined ? undefined : readCount(frame['off'])
      return key === undefined || (frame['off'] !== undefined && since === undefined) ? malformed : { kind: 'sub', id, key, since }
    }
    case 'unsub': {
      const key = readChannel(frame['ch'])
      return key === undefined ? malformed : { kind: 'unsub', key }
    }
    case 'pos': {
      const n = readCount(frame['n'])
      const key = readKey(frame['d'])
      if (n === undefined || key === null) return malformed
      return { kind: 'fixes', key, fixes: [{ n, fix: readFix(frame) }], battery: readPercent(frame['bat']) }
    }
    case 'posb':
      return readBatch(frame) ?? malformed
    case 'st': {
      const key = readKey(frame['d'])
      const { to, at } = frame
      if (id === undefined || key === null || typeof to !== 'string') return malformed
      if (at !== undefined && typeof at !== 'number' && typeof at !== 'string') return malformed
      const proof = frame['proof']
      const code = typeof proof === 'object' && proof !== null ? (proof as Record<string, unknown>)['code'] : undefined
      const when = at === undefined ? undefined : new Date(at)
      if (when !== undefined && Number.isNaN(when.getTime())) return malformed
      return { kind: 'step', id, key, to, at: when, code, reason: frame['reason'] }
    }
    case 'ping':
      return { kind: 'ping', x: frame['x'] }
    case 'pong':
      return { kind: 'pong' }
    default:
      return { kind: 'unknown', id }
  }
}

function readBatch(frame: Record<string, unknown>): V1Frame | undefined {
  const key = readKey(frame['d'])
  const list = frame['f']
  if (key === null || !Array.isArray(list) || list.length === 0 || list.length > mostFixes) return undefined
  const fixes: NumberedFix[] = []
  for (const row of list as unknown[]) {
    if (!Array.isArray(row)) return undefined
    const [n, ts, lat, lng, acc, spd, brg] = row as unknown[]
    const count = readCount(n)
    if (count === undefined) return undefined
    fixes.push({ n: count, fix: readFix({ ts, lat, lng, acc, spd, brg }) })
  }
  return { kind: 'fixes', key, fixes, battery: readPercent(frame['bat']) }
}

const readFix = ({ lat, lng, acc, spd, brg, ts }: Record<string, unknown>): ReportedFix => ({
  lat,
  lng,
  accuracyM: acc,
  speedMps: spd,
  headingDeg: brg,
  // A time that is none is judged like any other wrong value, not taken for now.
  fixedAt: ts === undefined ? undefined : new Date(typeof ts === 'number' ? ts : Number.NaN),
  isTimed: ts !== undefined,
})

const readId = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value) ? value : undefined
const readCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
const readPercent = (value: unknown): number | undefined => (typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined)
/** The delivery a frame is about; undefined: the one the socket came for; null: nonsense. */
const readKey = (value: unknown): string | undefined | null =>
  value === undefined
    ? undefined
    : typeof value === 'number'
      ? String(value)
      : typeof value === 'string' && value.length <= 36
        ? value
        : null
const readChannel = (value: unknown): string | undefined =>
  typeof value === 'string' ? /^d:([0-9a-fA-F-]{36}|[1-9]\d{0,14})$/.exec(value)?.[1] : undefined
