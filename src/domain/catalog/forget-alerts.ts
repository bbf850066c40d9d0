import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { stockAlerts } from './stock.table.ts'

/** Removes the wishes of a person to hear when something is back. A step. */
export async function forgetAlerts(tx: Tx, accountId: string): Promise<void> {
  await tx.delete(stockAlerts).where(eq(stockAlerts.accountId, accountId))
}
