import type { DeliveryDetail, DeliveryEventLine } from '../../domain/delivery/delivery.queries.ts'
import type { Eta } from '../../domain/delivery/delivery.eta.ts'
import { firstName } from '../../domain/delivery/delivery.view.ts'
import type { LastPosition } from '../../domain/delivery/position.cache.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { orderWords } from '../i18n/order.words.ts'
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
export const etaText = ({ from, to }: Eta): string => orderWords().between(formatTime(from), formatTime(to))

/** The one line that says how things stand. */
export function deliveryHeadline({ delivery, eta }: Pick<TrackedDelivery, 'delivery' | 'eta'>): string {
  const words = orderWords()
  const rider = delivery.driverName === null ? words.yourRider : firstName(delivery.driverName)
  switch (delivery.state) {
    case 'pending':
      return words.hPending
    case 'assigned':
      return words.hAssigned(rider)
    case 'picked_up':
      return words.hPickedUp(rider)
    case 'en_route':
      if (eta === undefined) return words.hOnWay(rider)
      return delivery.destIsPinned && eta.distanceM <= almostHereM ? words.hNear(rider) : words.hArriving(etaText(eta))
    case 'arriving':
      return words.hNear(rider)
    case 'failed':
      return words.hFailed
    case 'delivered':
      return words.hDelivered(formatTime(delivery.deliveredAt ?? delivery.createdAt))
    case 'returning':
    case 'cancelled':
      return words.hCancelled
  }
}

/** The line for an order that has no delivery yet, or is past all. */
export function orderHeadline(state: OrderState): string {
  const words = orderWords()
  const lines: Record<OrderState, string> = {
    awaiting_payment: words.oAwaitingPayment,
    paid: words.oPaid,
    packed: words.oPacked,
    on_the_road: words.oOnTheRoad,
    delivered: words.oDelivered,
    returned: words.oReturned,
    cancelled: words.oCancelled,
    expired: words.oExpired,
  }
  return lines[state]
}

/** What an event of a delivery is called on the page. */
export function eventText(kind: string): string {
  const words = orderWords()
  const names: Readonly<Record<string, string>> = {
    created: words.eCreated,
    assigned: words.eAssigned,
    unassigned: words.eUnassigned,
    picked_up: words.ePickedUp,
    en_route: words.eEnRoute,
    arriving: words.eArriving,
    delivered: words.eDelivered,
    failed: words.eFailed,
    returning: words.eReturning,
    cancelled: words.eCancelled,
  }
  return names[kind] ?? kind
}

/** What a rider chose when it did not work, said to the shopper. */
export function failText(reason: string | null): string {
  const words = orderWords()
  const reasons: Readonly<Record<string, string>> = {
    no_answer: words.fNoAnswer,
    wrong_place: words.fWrongPlace,
    refused: words.fRefused,
    no_money: words.fNoMoney,
    closed: words.fClosed,
    accident: words.fAccident,
  }
  return reasons[reason ?? ''] ?? words.fOther
}
