import { eq } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { drivers } from './delivery.table.ts'

/** Whether a driver is on duty; false for somebody who is no driver. */
export async function isOnDuty(db: DbOrTx, driverId: string): Promise<boolean> {
  const [row] = await db.select({ isOnDuty: drivers.isOnDuty }).from(drivers).where(eq(drivers.accountId, driverId))
  return row?.isOnDuty ?? false
}
