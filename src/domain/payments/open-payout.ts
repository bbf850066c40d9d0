import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { applyEvent } from './apply-event.ts'
import { transactions } from './transaction.table.ts'

/** Who is to be paid how much, by which way. */
export interface OpenPayout {
  readonly method: 'mpesa' | 'bank'
  readonly vendorId: string
  readonly reference: string
  readonly amountMinor: bigint
  /** The number M-Pesa pays to. */
  readonly phone: string | null
}

/**
 * Opens a payout to a vendor: its transaction, and the posting that takes the money from what the vendor is owed, in the caller's
 * commit. Answers its id. A step. The database refuses one that is larger than what the vendor is owed.
 */
export async function openPayout(tx: Tx, stamp: Stamp, payout: OpenPayout): Promise<string> {
  const id = stamp.ids.next()
  const { method, amountMinor, ...rest } = payout
  const [row] = await tx
    .insert(transactions)
    .values({
      ...rest,
      id,
      kind: 'payout',
      provider: method,
      method,
      amountMinor,
      providerAmountMinor: amountMinor,
      createdAt: stamp.now,
      updatedAt: stamp.now,
    })
    .returning()
  if (row === undefined) throw new Error('the payout row was not written')
  await applyEvent(tx, stamp, row, {
    transactionId: id,
    effect: 'payout_made',
    effectRef: id,
    source: 'staff',
    provenAmountMinor: amountMinor,
    provenCurrency: row.currency,
  })
  return id
}
