import type { Facts } from '../../platform/realtime/watch.ts'
import type { DeliveryRow } from './delivery.row.ts'
import type { DeliveryState } from './delivery.states.ts'

/** The hub's name of a delivery. */
export const deliveryChannel = (deliveryId: string): string => `d:${deliveryId}`

/** What processes tell each other about one event of a delivery. Times are RFC 3339. */
export interface DeliveryEventFacts extends Facts {
  readonly deliveryId: string
  /** The delivery's short number, which old scripts know it by. */
  readonly number: number
  readonly kind: string
  readonly state: DeliveryState
  readonly at: string
  readonly assignedAt: string | null
  readonly pickedUpAt: string | null
  readonly deliveredAt: string | null
}

/** What processes tell each other about where a rider is. */
export interface PositionFacts extends Facts {
  readonly deliveryId: string
  readonly lat: number
  readonly lng: number
  /** Epoch milliseconds of the fix. */
  readonly ts: number
  readonly accuracyM: number | null
  readonly speedMps: number | null
  readonly headingDeg: number | null
  /** When the rider will be there, as of this fix; null or absent while nobody can tell. */
  readonly eta?: { readonly from: string; readonly to: string } | null
  readonly state: DeliveryState
}

/** The moments of a delivery an event is told with. */
export type DeliveryMoments = Pick<DeliveryRow, 'id' | 'number' | 'assignedAt' | 'pickedUpAt' | 'deliveredAt'>

/** An event that has just happened, as it is told. */
export const eventFacts = (row: DeliveryMoments, event: { kind: string; state: DeliveryState; at: Date }): DeliveryEventFacts => ({
  deliveryId: row.id,
  number: row.number,
  kind: event.kind,
  state: event.state,
  at: event.at.toISOString(),
  assignedAt: row.assignedAt?.toISOString() ?? null,
  pickedUpAt: row.pickedUpAt?.toISOString() ?? null,
  deliveredAt: row.deliveredAt?.toISOString() ?? null,
})

/** An event of earlier, told again: of the row's moments only those that had come by then. */
export function pastEventFacts(row: DeliveryMoments, event: { kind: string; state: DeliveryState; at: Date }): DeliveryEventFacts {
  const byThen = (moment: Date | null): Date | null => (moment === null || moment > event.at ? null : moment)
  return eventFacts(
    { ...row, assignedAt: byThen(row.assignedAt), pickedUpAt: byThen(row.pickedUpAt), deliveredAt: byThen(row.deliveredAt) },
    event,
  )
}
