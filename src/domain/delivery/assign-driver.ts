import { eq } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { accounts } from '../accounts/account.table.ts'
import type { DeliveryRow } from './delivery.row.ts'
import type { DeliveryState } from './delivery.states.ts'
import { drivers } from './delivery.table.ts'
import { moveDelivery } from './move-delivery.ts'

/**
 * Gives a delivery to a driver who is on duty. A step. Refuses with `not_found` for somebody who is no driver, `driver_off_duty`,
 * `delivery_state`, `conflict`.
 */
export async function assignDriver(
  tx: Tx,
  stamp: Stamp,
  delivery: { id: string; state: DeliveryState },
  driverId: string,
): Promise<DeliveryRow> {
  await mustBeOnDuty(tx, driverId)
  return moveDelivery(tx, stamp, delivery, 'assigned', { driverId, data: { driverId } })
}

/** Locks a driver's duty until the commit, so that nobody goes home while work is handed to them. */
async function mustBeOnDuty(tx: Tx, driverId: string): Promise<void> {
  const [driver] = await tx
    .select({ isOnDuty: drivers.isOnDuty, roles: accounts.roles, status: accounts.status })
    .from(drivers)
    .innerJoin(accounts, eq(accounts.id, drivers.accountId))
    .where(eq(drivers.accountId, driverId))
    .for('share', { of: drivers })
  if (driver === undefined || driver.status !== 'active' || !driver.roles.includes('driver'))
    throw new Refusal('not_found', { detail: 'There is no such driver.' })
  if (!driver.isOnDuty) throw new Refusal('driver_off_duty')
}
