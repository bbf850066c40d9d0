import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { writeCsv } from '../../lib/csv.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import { lockBatch } from './lock-batch.ts'
import { payoutBatches } from './payout.table.ts'
import { payoutsOfBatch } from './payout.queries.ts'

const shillings = (amountMinor: bigint): string => `${amountMinor / 100n}.${String(amountMinor % 100n).padStart(2, '0')}`

/**
 * An approved batch as a file for the M-Pesa bulk payment portal or the bank. Only what still waits is in it, so that a second file
 * after some results does not pay those again. Refuses with not_found, payout_state before approval.
 */
export async function exportBatch(context: Context, actor: PersonActor, batchId: string): Promise<{ name: string; text: string }> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  return await context.payDb.transaction(async (tx) => {
    const batch = await lockBatch(tx, batchId)
    if (batch.state !== 'approved') throw new Refusal('payout_state')
    const waiting = (await payoutsOfBatch(tx, batch.id)).filter((each) => each.state === 'pending')
    const rows =
      batch.method === 'mpesa'
        ? [
            ['Phone Number', 'Amount', 'Name', 'Reference'],
            ...waiting.map((each) => [each.payeeAccount, shillings(each.amountMinor), each.payeeName, each.reference]),
          ]
        : [
            ['Beneficiary Name', 'Bank Code', 'Branch Code', 'Account Number', 'Amount', 'Currency', 'Reference'],
            ...waiting.map((each) => {
              const [bank = '', branch = '', account = ''] = each.payeeAccount.split('-')
              return [each.payeeName, bank, branch, account, shillings(each.amountMinor), 'KES', each.reference]
            }),
          ]
    await tx
      .update(payoutBatches)
      .set({ exportedAt: stamp.now })
      .where(and(eq(payoutBatches.id, batch.id), isNull(payoutBatches.exportedAt)))
    await audit(tx, stamp, { action: 'payout_batch.exported', target: batch.id, data: { number: batch.number, payouts: waiting.length } })
    return { name: `${batch.number}.csv`, text: writeCsv(rows) }
  })
}
