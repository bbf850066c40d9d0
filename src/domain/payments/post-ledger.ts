import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { PostingLine } from './ledger.postings.ts'
import { ledgerEntries } from './transaction.table.ts'

/** What caused a posting. */
export interface LedgerCause {
  readonly eventId: string
  readonly transactionId: string
  readonly orderId: string | null
  readonly currency: string
}

/**
 * Writes the double entry of one event, in the commit of the event. The database refuses at commit a posting that does not sum to
 * zero, and a second one for the same event.
 */
export async function postLedger(tx: Tx, stamp: Stamp, cause: LedgerCause, lines: readonly PostingLine[]): Promise<void> {
  if (lines.length === 0) return
  await tx.insert(ledgerEntries).values(
    lines.map((line, index) => ({
      id: stamp.ids.next(),
      ...cause,
      line: index + 1,
      account: line.account,
      amountMinor: line.amountMinor,
      createdAt: stamp.now,
    })),
  )
}
