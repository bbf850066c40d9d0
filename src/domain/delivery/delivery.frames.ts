import type { DeliveryState } from './delivery.states.ts'

/**
 * The predecessor's words on the tracking socket, exactly (design: realtime.md 4.1). Old pages and scripts read these, so the
 * names, their order and the snake case stay.
 */

/** Where the rider is. `ts` is the time of the fix in epoch milliseconds. */
export const positionFrame = (position: { lat: number; lng: number; status: DeliveryState; ts: number }): string =>
  JSON.stringify({ type: 'position_update', lat: position.lat, lng: position.lng, status: position.status, ts: position.ts })

/** The delivery has just moved to a state. */
export const statusFrame = (status: DeliveryState): string => JSON.stringify({ type: 'status', status })

/** What a status frame about a delivery is made of. */
export interface StatusFacts {
  readonly number: number
  readonly state: DeliveryState
  readonly assignedAt: Date | null
  readonly pickedUpAt: Date | null
  readonly deliveredAt: Date | null
}

/** The whole state of a delivery; `id` is its number. */
export const statusUpdateFrame = (delivery: StatusFacts): string =>
  JSON.stringify({
    type: 'status_update',
    id: delivery.number,
    status: delivery.state,
    assigned_at: delivery.assignedAt?.toISOString() ?? null,
    picked_up_at: delivery.pickedUpAt?.toISOString() ?? null,
    delivered_at: delivery.deliveredAt?.toISOString() ?? null,
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
  const frame = parseObject(text)
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

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    // A frame nested thousands deep ends in a RangeError instead of a SyntaxError.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}
