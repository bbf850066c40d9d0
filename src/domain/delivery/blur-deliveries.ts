import { inArray, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { deliveries, deliveryPositions } from './delivery.table.ts'

/** Takes the door out of the deliveries of some orders: the address goes, the place becomes a square of about 11 km, the trail to it is removed. A step. */
export async function blurDeliveries(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return
  const blurred = await tx
    .update(deliveries)
    .set({
      destText: 'erased',
      destIsPinned: false,
      destLat: sql`round(${deliveries.destLat}::numeric, 1)::double precision`,
      destLng: sql`round(${deliveries.destLng}::numeric, 1)::double precision`,
      lastLat: null,
      lastLng: null,
    })
    .where(inArray(deliveries.orderId, [...orderIds]))
    .returning({ id: deliveries.id })
  if (blurred.length > 0)
    await tx.delete(deliveryPositions).where(
      inArray(
        deliveryPositions.deliveryId,
        blurred.map(({ id }) => id),
      ),
    )
}
