import { eq } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Tx } from '../../platform/db.ts'
import { payoutBatches } from './payout.table.ts'

/** A batch, locked. Refuses with not_found. */
export async function lockBatch(tx: Tx, batchId: string): Promise<typeof payoutBatches.$inferSelect> {
  const [batch] = isUuid(batchId) ? await tx.select().from(payoutBatches).where(eq(payoutBatches.id, batchId)).for('update') : []
  if (batch === undefined) throw new Refusal('not_found')
  return batch
}
