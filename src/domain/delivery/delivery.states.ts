import { states } from '../../lib/states.ts'

/** What a delivery can be (design: product.md section 5). */
export type DeliveryState =
  'pending' | 'assigned' | 'picked_up' | 'en_route' | 'arriving' | 'delivered' | 'failed' | 'returning' | 'cancelled'

/** The allowed moves of a delivery. Unassigning sends it back to pending; a failed attempt can be tried again or brought back. */
export const deliveryStates = states<DeliveryState>('pending', {
  pending: ['assigned', 'cancelled'],
  assigned: ['pending', 'picked_up', 'cancelled'],
  picked_up: ['pending', 'en_route', 'failed', 'returning'],
  en_route: ['arriving', 'delivered', 'failed', 'returning'],
  arriving: ['en_route', 'delivered', 'failed', 'returning'],
  failed: ['assigned', 'en_route', 'returning'],
  returning: ['cancelled'],
  delivered: [],
  cancelled: [],
})

/** States in which a driver is on the way with the goods and positions are accepted. */
export const liveDeliveryStates: readonly DeliveryState[] = ['assigned', 'picked_up', 'en_route', 'arriving', 'returning']

/** States in which the shopper sees the rider's position (design: storefront.md 4.3). */
export const visibleDeliveryStates: readonly DeliveryState[] = ['picked_up', 'en_route', 'arriving']
