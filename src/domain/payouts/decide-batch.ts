import { and, asc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'
import { applyEvent } from '../payments/apply-event.ts'
import { lockTransaction } from '../payments/lock-transaction.ts'
import { lockBatch } from './lock-batch.ts'
import { payoutBatches, payouts } from './payout.table.ts'

/**
 * Approves a batch, so that it may be sent, or calls it off, so that its money is owed again. Above the limit the approver is somebody
 * else than the maker. Refuses with not_found, second_person, payout_state when it was decided already.
 */
export async function decideBatch(
  context: Context,
  actor: PersonActor,
  batchId: string,
  decision: 'approved' | 'cancelled',
): Promise<void> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  await withRetry(() =>
    context.payDb.transaction(async (tx) => {
      const batch = await lockBatch(tx, batchId)
      if (batch.state !== 'draft') throw new Refusal('payout_state')
      if (decision === 'approved' && batch.totalMinor > batch.limitMinor && batch.madeBy === actor.accountId)
        throw new Refusal('second_person')
      await tx
        .update(payoutBatches)
        .set(
          decision === 'approved'
            ? { state: decision, approvedBy: actor.accountId, approvedAt: stamp.now }
            : { state: decision, closedAt: stamp.now },
        )
        .where(and(eq(payoutBatches.id, batch.id), eq(payoutBatches.state, 'draft')))
      await moveAll(tx, stamp, batch.id, decision)
      await audit(tx, stamp, {
        action: `payout_batch.${decision}`,
        target: batch.id,
        data: { number: batch.number, totalMinor: String(batch.totalMinor) },
      })
    }),
  )
}

async function moveAll(tx: Tx, stamp: Stamp, batchId: string, decision: 'approved' | 'cancelled'): Promise<void> {
  const members = await tx
    .select({ id: payouts.transactionId })
    .from(payouts)
    .where(eq(payouts.batchId, batchId))
    .orderBy(asc(payouts.transactionId))
  for (const { id } of members) {
    const row = await lockTransaction(tx, id)
    await applyEvent(tx, stamp, row, {
      transactionId: id,
      effect: decision === 'approved' ? 'payout_approved' : 'payout_failed',
      effectRef: batchId,
      source: 'staff',
      provenAmountMinor: row.amountMinor,
      provenCurrency: row.currency,
      ...(decision === 'approved' ? {} : { reason: 'batch_cancelled' }),
    })
  }
}
