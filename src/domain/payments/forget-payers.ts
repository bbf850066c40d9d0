import { inArray } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { transactions } from './transaction.table.ts'

/** Takes the payer's phone out of the transactions of some orders; receipts and references stay, they are the proof. A step. */
export async function forgetPayers(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length > 0)
    await tx
      .update(transactions)
      .set({ phone: null })
      .where(inArray(transactions.orderId, [...orderIds]))
}
