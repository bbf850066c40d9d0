import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { Refusal } from '../../lib/refusal.ts'
import { assignDriver } from './assign-driver.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { findDelivery } from './delivery.row.ts'

/**
 * A driver takes a waiting delivery. Of many who reach for it at once exactly one gets it, because the move is one conditional
 * update; the others hear `delivery_state`. Accepting what is already one's own changes nothing. A step. Refuses with `not_found`,
 * `driver_off_duty`, `delivery_state`.
 */
export async function acceptDelivery(tx: Tx, stamp: Stamp, deliveryId: string, driverId: string): Promise<DeliveryRow> {
  const delivery = await findDelivery(tx, deliveryId)
  if (delivery === undefined) throw new Refusal('not_found')
  if (delivery.driverId === driverId) return delivery
  if (delivery.state !== 'pending') throw new Refusal('delivery_state', { detail: 'Another driver has this delivery.' })
  try {
    return await assignDriver(tx, stamp, delivery, driverId)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'conflict')
      throw new Refusal('delivery_state', { detail: 'Another driver was faster.', cause: error })
    throw error
  }
}
