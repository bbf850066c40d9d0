import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { deliveryPositions, drivers } from './delivery.table.ts'

/** Takes a person who rode for the shop off the road and forgets where they went. Who delivered what stays, by id. A step. */
export async function retireDriver(tx: Tx, accountId: string): Promise<void> {
  await tx
    .update(drivers)
    .set({ isOnDuty: false, plate: '', lastLat: null, lastLng: null, lastSeenAt: null })
    .where(eq(drivers.accountId, accountId))
  await tx.delete(deliveryPositions).where(eq(deliveryPositions.driverId, accountId))
}
