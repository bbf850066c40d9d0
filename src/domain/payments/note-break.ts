import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { PaymentFact } from './provider.port.ts'
import { reconciliationBreaks, type transactions } from './transaction.table.ts'

/** Where a provider's list and ours differ. */
export interface FoundBreak {
  readonly provider: string
  readonly kind: 'missing_here' | 'missing_there' | 'amount_differs' | 'state_differs'
  readonly providerRef: string
  readonly transactionId: string | undefined
  readonly theirMinor: bigint | undefined
  readonly ourMinor: bigint | undefined
  readonly currency: string
  readonly occurredAt: Date
  /** What mended it, where that was certain; without it a person has to look. */
  readonly resolution: string | undefined
}

/** Keeps a break as a row, once however often it is found. A break that was open and is mended now is closed. */
export async function noteBreak(db: DbOrTx, stamp: Pick<Stamp, 'now' | 'ids'>, found: FoundBreak): Promise<void> {
  const resolved = found.resolution === undefined ? {} : { resolvedAt: stamp.now, resolution: found.resolution }
  await db
    .insert(reconciliationBreaks)
    .values({ ...found, id: stamp.ids.next(), seenAt: stamp.now, ...resolved })
    .onConflictDoUpdate({
      target: [reconciliationBreaks.provider, reconciliationBreaks.kind, reconciliationBreaks.providerRef],
      set: { seenAt: stamp.now, ...resolved },
      setWhere: sql`${reconciliationBreaks.resolvedAt} is null`,
    })
}

/**
 * Keeps as an open break what a provider told of a charge after its money was proven, and that does not fit it: another amount or
 * currency, another receipt, other ids, or a denial. The order stays paid, because what was proven cannot be taken back by a
 * message; a person compares with the provider's statement (design: payments.md 1.3, 11). A step of the commit that keeps the event.
 */
export async function noteContradiction(
  tx: DbOrTx,
  stamp: Pick<Stamp, 'now' | 'ids'>,
  charge: typeof transactions.$inferSelect,
  fact: PaymentFact,
): Promise<void> {
  const isAboutMoney =
    (fact.provenAmountMinor !== undefined && fact.provenAmountMinor !== charge.providerAmountMinor) ||
    (fact.provenCurrency !== undefined && fact.provenCurrency.toUpperCase() !== charge.providerCurrency)
  await noteBreak(tx, stamp, {
    provider: charge.provider,
    kind: isAboutMoney ? 'amount_differs' : 'state_differs',
    providerRef: fact.receipt ?? fact.paymentRef ?? fact.sessionRef ?? charge.reference,
    transactionId: charge.id,
    theirMinor: fact.provenAmountMinor,
    ourMinor: charge.providerAmountMinor,
    currency: fact.provenCurrency?.toUpperCase() ?? charge.providerCurrency,
    occurredAt: stamp.now,
    resolution: undefined,
  })
}

/** Closes whatever was open about a movement on which both lists agree now. */
export async function closeBreaks(db: DbOrTx, now: Date, provider: string, providerRef: string): Promise<void> {
  await db
    .update(reconciliationBreaks)
    .set({ resolvedAt: now, resolution: 'agrees_now' })
    .where(
      and(
        eq(reconciliationBreaks.provider, provider),
        eq(reconciliationBreaks.providerRef, providerRef),
        isNull(reconciliationBreaks.resolvedAt),
      ),
    )
}
