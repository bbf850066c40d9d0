import { and, eq, ne } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import type { Effect, PaymentFact } from './provider.port.ts'
import { transactions } from './transaction.table.ts'

type Judged = typeof transactions.$inferSelect

const moneyEffects: ReadonlySet<Effect> = new Set(['success_claimed', 'captured'])
const noMoneyEffects: ReadonlySet<Effect> = new Set(['failed', 'cancelled', 'expired', 'rejected', 'attempt_failed'])

/**
 * The effect that is really recorded: a success whose amount, currency, receipt or ids do not fit is an integrity failure; a failure
 * of some other prompt is `foreign` and not recorded at all (design: payments.md 1.3, 4.4).
 */
export const judgeFact = async (tx: Tx, row: Judged, fact: PaymentFact): Promise<Verdict> =>
  await judge(row, fact, async (receipt) => await isReceiptUsed(tx, row, receipt))

/** What is recorded of a fact; `foreign`: nothing. */
export type Verdict = 'foreign' | { readonly effect: Effect; readonly reason: string | undefined }

/** The same for a caller that knows which receipts another row holds. */
export async function judge(row: Judged, fact: PaymentFact, isUsed: (receipt: string) => boolean | Promise<boolean>): Promise<Verdict> {
  const idsDiffer = differs(row.sessionRef, fact.sessionRef) || differs(row.paymentRef, fact.paymentRef)
  if (noMoneyEffects.has(fact.effect) && idsDiffer) return 'foreign'
  if (row.kind !== 'charge' || !moneyEffects.has(fact.effect)) return { effect: fact.effect, reason: fact.reason }
  if (idsDiffer) return { effect: 'integrity_failed', reason: 'ids_differ' }
  if (differs(row.receipt, fact.receipt)) return { effect: 'integrity_failed', reason: 'receipt_differs' }
  const isAmountRequired = fact.effect === 'captured'
  if ((isAmountRequired || fact.provenAmountMinor !== undefined) && fact.provenAmountMinor !== row.providerAmountMinor)
    return { effect: 'integrity_failed', reason: 'amount_differs' }
  if ((isAmountRequired || fact.provenCurrency !== undefined) && fact.provenCurrency?.toUpperCase() !== row.providerCurrency)
    return { effect: 'integrity_failed', reason: 'currency_differs' }
  if (fact.receipt !== undefined && row.receipt === null && (await isUsed(fact.receipt)))
    return { effect: 'integrity_failed', reason: 'receipt_used' }
  return { effect: fact.effect, reason: fact.reason }
}

const differs = (known: string | null, told: string | undefined): boolean => known !== null && told !== undefined && known !== told

async function isReceiptUsed(tx: Tx, row: Judged, receipt: string): Promise<boolean> {
  const others = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.provider, row.provider), eq(transactions.receipt, receipt), ne(transactions.id, row.id)))
    .limit(1)
  return others.length > 0
}
