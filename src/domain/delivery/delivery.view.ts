import { moneyView } from '../../lib/money.ts'
import type { Context } from '../../context.ts'
import { arrivalOf } from './delivery.arrival.ts'
import type { Eta } from './delivery.eta.ts'
import type { DeliveryDetail } from './delivery.queries.ts'
import { deliveryStates, visibleDeliveryStates } from './delivery.states.ts'
import { dropOffCode } from './drop-off-code.ts'
import { roundTo } from './delivery.voices.ts'
import { newestPosition } from './newest-position.ts'
import type { LastPosition } from './position.cache.ts'
import { isInsiderRole, type WatchRole } from './watch-right.ts'

const iso = (moment: Date | null): string | null => moment?.toISOString() ?? null

/** The first name of a rider; more of it is nobody's business. */
export const firstName = (name: string): string => name.trim().split(/\s+/)[0] ?? ''

/** What somebody in a role may see of where the rider is, and when they will be there. */
export async function visiblePosition(
  context: Context,
  delivery: DeliveryDetail,
  role: WatchRole,
): Promise<{ position: LastPosition | undefined; eta: Eta | undefined }> {
  const isInsider = isInsiderRole(role)
  const newest = isInsider || visibleDeliveryStates.includes(delivery.state) ? await newestPosition(context, delivery) : undefined
  if (newest === undefined) return { position: undefined, eta: undefined }
  const places = isInsider ? 6 : context.config.limits.positionShopperPlaces
  const position = { ...newest, lat: roundTo(newest.lat, places), lng: roundTo(newest.lng, places) }
  const eta = arrivalOf(context, delivery, newest)
  return { position, eta }
}

/** A delivery on the wire, for somebody in a role: the code only for the shopper, the shopper's phone only for those who bring it. */
export async function deliveryView(context: Context, delivery: DeliveryDetail, role: WatchRole) {
  const { position, eta } = await visiblePosition(context, delivery, role)
  const isOpen = !deliveryStates.isFinal(delivery.state)
  const isShopper = role === 'owner' || role === 'link'
  return {
    id: delivery.id,
    number: delivery.number,
    orderNumber: delivery.orderNumber,
    state: delivery.state,
    rider: delivery.driverName === null ? null : { firstName: firstName(delivery.driverName), plate: delivery.driverPlate ?? '' },
    origin: { lat: delivery.originLat, lng: delivery.originLng },
    destination: { lat: delivery.destLat, lng: delivery.destLng, text: delivery.destText, isPinned: delivery.destIsPinned },
    position: position === undefined ? null : { lat: position.lat, lng: position.lng, fixedAt: new Date(position.ts).toISOString() },
    eta: eta === undefined ? null : { from: eta.from.toISOString(), to: eta.to.toISOString() },
    dropOffCode: isShopper && isOpen ? dropOffCode(context.config.appSecret, delivery.id) : null,
    contact: (role === 'driver' || role === 'staff') && isOpen ? { name: delivery.contactName, phone: delivery.contactPhone } : null,
    cashDue:
      (role === 'driver' || role === 'staff') && isOpen && delivery.cashDueMinor !== null ? moneyView(BigInt(delivery.cashDueMinor)) : null,
    failReason: delivery.failReason,
    createdAt: delivery.createdAt.toISOString(),
    assignedAt: iso(delivery.assignedAt),
    pickedUpAt: iso(delivery.pickedUpAt),
    enRouteAt: iso(delivery.enRouteAt),
    arrivedAt: iso(delivery.arrivedAt),
    deliveredAt: iso(delivery.deliveredAt),
  }
}
