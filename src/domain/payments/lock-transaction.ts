import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import type { LockedTransaction } from './apply-event.ts'
import { transactions } from './transaction.table.ts'

/**
 * Locks a transaction row until the commit. Lock order, everywhere: webhook event, order, transaction (a charge before its
 * refunds), delivery, variants by id. Throws Error when there is no such row: the caller read its id a moment ago.
 */
export async function lockTransaction(tx: Tx, id: string): Promise<LockedTransaction> {
  const [row] = await tx.select().from(transactions).where(eq(transactions.id, id)).for('update')
  if (row === undefined) throw new Error(`there is no transaction ${id}`)
  return row
}
