import { parseFrame } from '../../platform/realtime/parse-frame.ts'
import type { DeliveryEventFacts, PositionFacts } from './delivery.facts.ts'
import type { DeliveryState } from './delivery.states.ts'

/**
 * The predecessor's words on the tracking socket, exactly (design: realtime.md 4.1). Old pages and scripts read these, so the
 * names, their order and the snake case stay.
 */

/** Where the rider is. `ts` is the time of the fix in epoch milliseconds. */
export const oldPositionFrame = ({ lat, lng, state, ts }: Pick<PositionFacts, 'lat' | 'lng' | 'state' | 'ts'>): string =>
  JSON.stringify({ type: 'position_update', lat, lng, status: state, ts })

/** The delivery has just moved to a state. */
export const oldStatusFrame = (status: DeliveryState): string => JSON.stringify({ type: 'status', status })

/** The whole state of a delivery; `id` is its number. */
export const oldStatusUpdateFrame = (facts: Omit<DeliveryEventFacts, 'kind' | 'at'>): string =>
  JSON.stringify({
    type: 'status_update',
    id: facts.number,
    status: facts.state,
    assigned_at: facts.assignedAt,
    picked_up_at: facts.pickedUpAt,
    delivered_at: facts.deliveredAt,
  })

export const pongFrame = JSON.stringify({ type: 'pong' })

/** Says no. `forbidden`, `invalid_payload` and `out_of_range` are the predecessor's; the others are refusal codes. */
export const errorFrame = (error: string): string => JSON.stringify({ type: 'error', error })

/** What a client may say. */
export type TrackFrame =
  | { readonly kind: 'position'; readonly lat: unknown; readonly lng: unknown; readonly accuracyM: unknown; readonly ts: unknown }
  | { readonly kind: 'status'; readonly status: string; readonly code: unknown; readonly reason: unknown }
  | { readonly kind: 'ping' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed' }

const positionWords: ReadonlySet<unknown> = new Set(['position_update', 'update', 'position'])
// The predecessor's pages send a word that never was a state.
const statusAliases: Readonly<Record<string, string>> = { in_transit: 'en_route' }

/** Reads one frame of a client. Never throws: a socket must survive whatever is sent to it. */
export function readTrackFrame(text: string): TrackFrame {
  const frame = parseFrame(text)
  if (frame === undefined) return { kind: 'malformed' }
  const word = frame['type'] ?? frame['op']
  if (positionWords.has(word)) return { kind: 'position', lat: frame['lat'], lng: frame['lng'], accuracyM: frame['acc'], ts: frame['ts'] }
  if (word === 'ping') return { kind: 'ping' }
  if (word !== 'status') return { kind: 'unknown' }
  const status = frame['status']
  if (typeof status !== 'string' || status === '') return { kind: 'malformed' }
  return {
    kind: 'status',
    status: Object.hasOwn(statusAliases, status) ? (statusAliases[status] ?? status) : status,
    code: frame['code'],
    reason: frame['reason'],
  }
}
