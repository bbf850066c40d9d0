import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { isOfSale, type LedgerAccount, netted, type PostingLine, sumOf } from './ledger.postings.ts'
import { ledgerEntries, transactionEvents } from './transaction.table.ts'

/** The parts of a sale that refunds took from whom they came: goods that came back. */
export interface NamedClawBacks {
  /** What stands taken by all such refunds of the order. */
  readonly standing: readonly PostingLine[]
  /** The parts of the refund in question; empty when it names none. */
  readonly lines: readonly PostingLine[]
  readonly isNamed: boolean
}

type NamedLine = { readonly account: string; readonly vendorId?: string; readonly amountMinor: string }

/** Named parts as they are kept in the event of the refund. Throws Error when they do not sum to the refund. */
export function namedData(lines: readonly PostingLine[], amountMinor: bigint): NamedLine[] {
  if (sumOf(lines) !== amountMinor) throw new Error('the parts of a refund do not sum to it')
  return lines.map(({ account, vendorId, amountMinor: part }) => ({
    account,
    ...(vendorId === undefined ? {} : { vendorId }),
    amountMinor: part.toString(),
  }))
}

const parse = (lines: readonly NamedLine[]): PostingLine[] =>
  lines.map(({ account, vendorId, amountMinor }) => ({
    account: account as LedgerAccount,
    amountMinor: BigInt(amountMinor),
    ...(vendorId === undefined ? {} : { vendorId }),
  }))

/**
 * Reads them from the events of an order's charges. Whether the parts of a refund stand is told by the ledger: what its events took
 * from the sale is their sum, or nothing once it failed. A step that only reads.
 */
export async function namedClawBacks(tx: Tx, isOfOrder: SQL, refundId: string | undefined): Promise<NamedClawBacks> {
  const named = await tx
    .selectDistinct({
      refundId: sql<string>`${transactionEvents.data} ->> 'refundId'`,
      ofSale: sql<NamedLine[]>`${transactionEvents.data} -> 'ofSale'`,
      effect: transactionEvents.effect,
    })
    .from(transactionEvents)
    .where(
      and(
        sql`${transactionEvents.transactionId} in (select ${ledgerEntries.transactionId} from ${ledgerEntries} where ${isOfOrder})`,
        inArray(transactionEvents.effect, ['refund_requested', 'goods_returned']),
        sql`${transactionEvents.data} ? 'ofSale'`,
      ),
    )
  if (named.length === 0) return { standing: [], lines: [], isNamed: false }
  const taken = await tx
    .select({
      refundId: sql<string>`${transactionEvents.data} ->> 'refundId'`,
      account: ledgerEntries.account,
      amountMinor: sql<string>`sum(${ledgerEntries.amountMinor})::text`,
    })
    .from(ledgerEntries)
    .innerJoin(transactionEvents, eq(transactionEvents.id, ledgerEntries.eventId))
    .where(and(isOfOrder, sql`${transactionEvents.data} ? 'refundId'`))
    .groupBy(sql`${transactionEvents.data} ->> 'refundId'`, ledgerEntries.account)
  const takenBy = (id: string): bigint =>
    taken
      .filter((row) => row.refundId === id && isOfSale({ account: row.account as LedgerAccount, amountMinor: 0n }))
      .reduce((sum, row) => sum + BigInt(row.amountMinor), 0n)
  // Goods that were a gift took nothing in sum; once posted they stand.
  const isStanding = ({ refundId: id, effect }: (typeof named)[number]): boolean =>
    effect === 'goods_returned' ? taken.some((row) => row.refundId === id) : takenBy(id) !== 0n
  const mine = named.find((row) => row.refundId === refundId)
  return {
    standing: netted(named.filter(isStanding).flatMap((row) => parse(row.ofSale))),
    lines: mine === undefined ? [] : parse(mine.ofSale),
    isNamed: mine !== undefined,
  }
}
