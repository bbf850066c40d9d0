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
 * zero, and a second one for the same event: the sale that a capture settles is the only one that follows another, from line 101.
 */
export async function postLedger(tx: Tx, stamp: Stamp, cause: LedgerCause, lines: readonly PostingLine[], firstLine = 1): Promise<void> {
  if (lines.length === 0) return
  await tx.insert(ledgerEntries).values(entryRows(stamp, cause, lines, firstLine))
}

/** The rows of a posting. Pure. */
export const entryRows = (
  stamp: Stamp,
  cause: LedgerCause,
  lines: readonly PostingLine[],
  firstLine = 1,
): (typeof ledgerEntries.$inferInsert)[] =>
  lines.map((line, index) => ({
    id: stamp.ids.next(),
    ...cause,
    line: firstLine + index,
    account: line.account,
    vendorId: line.vendorId ?? null,
    holderId: line.holderId ?? null,
    amountMinor: line.amountMinor,
    createdAt: stamp.now,
  }))
