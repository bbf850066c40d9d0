import { eq } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { drivers } from './delivery.table.ts'

/** A driver comes on duty or goes off. Work already in hand stays theirs. Refuses with `not_allowed` for somebody who is no driver. */
export async function setDuty(db: DbOrTx, driverId: string, isOnDuty: boolean): Promise<void> {
  const changed = await db.update(drivers).set({ isOnDuty }).where(eq(drivers.accountId, driverId)).returning({ id: drivers.accountId })
  if (changed.length === 0) throw new Refusal('not_allowed')
}
