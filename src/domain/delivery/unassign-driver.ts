import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { moveDelivery } from './move-delivery.ts'

/**
 * Takes a delivery back from its driver, who stops seeing and moving it at once. A step. Refuses with `delivery_state` once the
 * goods are on the road, `conflict`.
 */
export const unassignDriver = (tx: Tx, stamp: Stamp, delivery: DeliveryRow, reason: string): Promise<DeliveryRow> =>
  moveDelivery(tx, stamp, delivery, 'pending', { driverId: null, data: { driverId: delivery.driverId, reason } })
