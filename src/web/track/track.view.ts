import type { DeliveryDetail, DeliveryEventLine } from '../../domain/delivery/delivery.queries.ts'
import type { Eta } from '../../domain/delivery/delivery.eta.ts'
import { firstName } from '../../domain/delivery/delivery.view.ts'
import type { LastPosition } from '../../domain/delivery/position.cache.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { formatTime } from '../../lib/time.ts'

/** One delivery as the track page tells it. */
export interface TrackedDelivery {
  readonly delivery: DeliveryDetail
  readonly events: readonly DeliveryEventLine[]
  readonly position: LastPosition | undefined
  readonly eta: Eta | undefined
  /** Told only while somebody may come to the door. */
  readonly code: string | undefined
}

// Nearer than this the rider is at the gate, whatever has been pressed (design: storefront.md 4.3).
const almostHereM = 150

/** "15:10 to 15:25". */
export const etaText = ({ from, to }: Eta): string => `${formatTime(from)} to ${formatTime(to)}`

/** The one line that says how things stand. */
export function deliveryHeadline({ delivery, eta }: Pick<TrackedDelivery, 'delivery' | 'eta'>): string {
  const rider = delivery.driverName === null ? 'Your rider' : firstName(delivery.driverName)
  switch (delivery.state) {
    case 'pending':
      return 'Your order is packed. We are finding a rider.'
    case 'assigned':
      return `${rider} will bring your order`
    case 'picked_up':
      return `${rider} has your order`
    case 'en_route':
      if (eta === undefined) return `${rider} is on the way`
      return delivery.destIsPinned && eta.distanceM <= almostHereM ? `${rider} is almost here` : `Arriving ${etaText(eta)}`
    case 'arriving':
      return `${rider} is almost here`
    case 'failed':
      return 'We could not reach you'
    case 'delivered':
      return `Delivered at ${formatTime(delivery.deliveredAt ?? delivery.createdAt)}`
    case 'returning':
    case 'cancelled':
      return 'This delivery was cancelled'
  }
}

/** The line for an order that has no delivery yet, or is past all. */
export function orderHeadline(state: OrderState): string {
  const lines: Record<OrderState, string> = {
    awaiting_payment: 'Waiting for payment',
    paid: 'We are packing your order',
    packed: 'Your order is packed',
    on_the_road: 'Your order is on the way',
    delivered: 'Your order was delivered',
    returned: 'Your order was returned',
    cancelled: 'This order was cancelled',
    expired: 'This order was not paid in time',
  }
  return lines[state]
}

/** What the events of a delivery are called on the page. */
export const eventWords: Readonly<Record<string, string>> = {
  created: 'Packed',
  assigned: 'A rider was found',
  unassigned: 'We are finding another rider',
  picked_up: 'The rider has your order',
  en_route: 'On the way',
  arriving: 'Almost there',
  delivered: 'Delivered',
  failed: 'We could not deliver',
  returning: 'Going back to our store',
  cancelled: 'Cancelled',
}

/** What a rider chose when it did not work, said to the shopper. */
export const failWords: Readonly<Record<string, string>> = {
  no_answer: 'Nobody answered at the door or on the phone.',
  wrong_place: 'The rider could not find the place.',
  refused: 'The parcel was not accepted.',
  no_money: 'The payment at the door did not work.',
  closed: 'The place was closed.',
  accident: 'The rider had an accident.',
  other: 'Something came in the way.',
}
