import type { LiveMessage, Voice } from '../../platform/realtime/watch.ts'
import type { DeliveryEventFacts, PositionFacts } from './delivery.facts.ts'
import { oldPositionFrame, oldStatusFrame, oldStatusUpdateFrame } from './delivery.frames.ts'
import { visibleDeliveryStates } from './delivery.states.ts'
import { eventFrame, livePositionFrame } from './track-v1.frames.ts'
import { isInsiderRole, type WatchRole } from './watch-right.ts'

/** In which words somebody is told: the predecessor's, our own, or our own over an answer that does not end. */
export type Dialect = 'old' | 'v1' | 'sse'

/** How precisely shoppers see the rider, in decimal places of a degree; four are about 11 m. Insiders see six. */
export interface Precision {
  readonly shopper: number
  readonly oldFrames: number
}

/** The voices of a delivery's channel: three dialects, each for insiders and for shoppers. */
export type DeliveryVoices = (dialect: Dialect, role: WatchRole) => Voice

/** Makes the six voices. */
export function deliveryVoices(precision: Precision): DeliveryVoices {
  const of = (dialect: Dialect): Record<'inside' | 'shopper', Voice> => ({
    inside: voice(dialect, true, 6),
    shopper: voice(dialect, false, dialect === 'old' ? precision.oldFrames : precision.shopper),
  })
  const all = { old: of('old'), v1: of('v1'), sse: of('sse') }
  return (dialect, role) => all[dialect][isInsiderRole(role) ? 'inside' : 'shopper']
}

/** Rounds degrees to `places`. */
export const roundTo = (degrees: number, places: number): number => Math.round(degrees * 10 ** places) / 10 ** places

const voice = (dialect: Dialect, isInside: boolean, places: number): Voice => ({
  name: `${dialect}-${isInside ? 'inside' : 'shopper'}`,
  say(message) {
    if (message.lane === 'position') {
      const facts = message.facts as PositionFacts
      // Shoppers see the rider once the goods are with them; where they are before and after is their own.
      if (!isInside && !visibleDeliveryStates.includes(facts.state)) return []
      return words(dialect, message, { ...facts, lat: roundTo(facts.lat, places), lng: roundTo(facts.lng, places) })
    }
    return words(dialect, message, message.facts as DeliveryEventFacts)
  },
})

function words(dialect: Dialect, { lane, version }: LiveMessage, facts: PositionFacts | DeliveryEventFacts): string[] {
  if (dialect === 'old') {
    return lane === 'position'
      ? [oldPositionFrame(facts as PositionFacts)]
      : [oldStatusFrame(facts.state), oldStatusUpdateFrame(facts as DeliveryEventFacts)]
  }
  const frame = lane === 'position' ? livePositionFrame(version, facts as PositionFacts) : eventFrame(version, facts as DeliveryEventFacts)
  return [dialect === 'v1' ? frame : sseMessage(lane === 'position' ? 'pos' : 'evt', frame, lane === 'event' ? version : undefined)]
}

/** One message of an event stream. Only events carry an id: it is what a reader who comes back has heard. */
export const sseMessage = (name: string, data: string, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`
