import type { Context } from '../../context.ts'
import { estimateArrival, type Eta } from './delivery.eta.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { visibleDeliveryStates } from './delivery.states.ts'

/** When the rider will be at the door, from where they are; undefined while the goods are not on their way. */
export function arrivalOf(
  context: Context,
  row: Pick<DeliveryRow, 'state' | 'destLat' | 'destLng'>,
  from: { readonly lat: number; readonly lng: number; readonly ts: number },
): Eta | undefined {
  if (!visibleDeliveryStates.includes(row.state)) return undefined
  return estimateArrival({
    from,
    to: { lat: row.destLat, lng: row.destLng },
    fixedAt: new Date(from.ts),
    now: context.clock.now(),
    kmh: context.config.limits.etaFallbackKmh,
  })
}
