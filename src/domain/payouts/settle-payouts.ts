import { and, eq, inArray } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'
import { applyEvent } from '../payments/apply-event.ts'
import { lockTransaction } from '../payments/lock-transaction.ts'
import { transactions } from '../payments/transaction.table.ts'
import { lockBatch } from './lock-batch.ts'
import { payoutBatches, payouts } from './payout.table.ts'

/** What became of one payout, as the bank or M-Pesa says. */
export type PayoutResult =
  | { readonly payoutId: string; readonly status: 'paid'; readonly receipt: string }
  | { readonly payoutId: string; readonly status: 'failed'; readonly reason: string }

/**
 * Writes down what became of payouts of an approved batch, all in one commit: paid ones with their receipt leave the books, failed ones
 * are owed again. The batch closes with its last one. The same result again changes nothing. Refuses with not_found, payout_state (the
 * batch is not approved, or another result is known), receipt_used.
 */
export async function settlePayouts(
  context: Context,
  actor: PersonActor,
  batchId: string,
  results: readonly PayoutResult[],
): Promise<void> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  await withRetry(() =>
    context.payDb.transaction(async (tx) => {
      const batch = await lockBatch(tx, batchId)
      if (batch.state !== 'approved' && batch.state !== 'closed') throw new Refusal('payout_state')
      // In the order of their ids, so that two people who hand in lists at once do not wait for each other in a circle.
      for (const result of [...results].sort((a, b) => (a.payoutId < b.payoutId ? -1 : 1))) await settleOne(tx, stamp, batch.id, result)
      if (batch.state === 'approved') await closeWhenDone(tx, stamp, batch.id)
    }),
  )
}

async function settleOne(tx: Tx, stamp: Stamp, batchId: string, result: PayoutResult): Promise<void> {
  const [member] = await tx
    .select({ id: payouts.transactionId })
    .from(payouts)
    .where(and(eq(payouts.batchId, batchId), eq(payouts.transactionId, result.payoutId)))
  if (member === undefined) throw new Refusal('not_found', { detail: 'A payout is not one of this batch.' })
  const row = await lockTransaction(tx, member.id)
  const wanted = result.status === 'paid' ? 'succeeded' : 'failed'
  if (row.state === wanted && (result.status === 'failed' || row.receipt === result.receipt)) return
  if (row.state !== 'pending') throw new Refusal('payout_state')
  if (result.status === 'paid' && (await isReceiptUsed(tx, row.provider, result.receipt))) throw new Refusal('receipt_used')
  await applyEvent(tx, stamp, row, {
    transactionId: row.id,
    effect: result.status === 'paid' ? 'payout_sent' : 'payout_failed',
    effectRef: row.id,
    source: 'staff',
    provenAmountMinor: row.amountMinor,
    provenCurrency: row.currency,
    ...(result.status === 'paid' ? { receipt: result.receipt } : { reason: result.reason }),
  })
  await audit(tx, stamp, {
    action: `payout.${result.status}`,
    target: row.id,
    data: {
      vendorId: row.vendorId,
      amountMinor: String(row.amountMinor),
      ...(result.status === 'paid' ? { receipt: result.receipt } : { reason: result.reason }),
    },
  })
}

async function isReceiptUsed(tx: Tx, provider: string, receipt: string): Promise<boolean> {
  const found = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.provider, provider), eq(transactions.receipt, receipt)))
    .limit(1)
  return found.length > 0
}

async function closeWhenDone(tx: Tx, stamp: Stamp, batchId: string): Promise<void> {
  const open = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .innerJoin(payouts, eq(payouts.transactionId, transactions.id))
    .where(and(eq(payouts.batchId, batchId), inArray(transactions.state, ['created', 'pending'])))
    .limit(1)
  if (open.length === 0)
    await tx
      .update(payoutBatches)
      .set({ state: 'closed', closedAt: stamp.now })
      .where(and(eq(payoutBatches.id, batchId), eq(payoutBatches.state, 'approved')))
}
