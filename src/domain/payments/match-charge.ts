import { and, eq, or, type SQL } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { ChargeKeys } from './provider.port.ts'
import { transactions } from './transaction.table.ts'

/** What the keys of a message came to. `clash`: they name two charges; the first is the one our stored ids name. */
export type MatchedCharge =
  | { readonly kind: 'found'; readonly id: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'clash'; readonly id: string; readonly other: string }

/**
 * Finds the charge a signed message is about: by the provider's ids that we stored, then by our own id in its metadata, then by our
 * reference. Two of them that name different charges are a clash, which pays nothing and goes to a person (design: payments.md 1.2).
 */
export async function matchCharge(db: DbOrTx, provider: string, keys: ChargeKeys): Promise<MatchedCharge> {
  const byRefs = keys.providerRefs.flatMap((ref) => [
    eq(transactions.sessionRef, ref),
    eq(transactions.paymentRef, ref),
    eq(transactions.receipt, ref),
  ])
  const stored = byRefs.length === 0 ? [] : await charges(db, provider, or(...byRefs))
  const own =
    keys.transactionId === undefined || !isUuid(keys.transactionId)
      ? []
      : await charges(db, provider, eq(transactions.id, keys.transactionId))
  const named = keys.reference === undefined ? [] : await charges(db, provider, eq(transactions.reference, keys.reference))
  const [first, ...others] = [...new Set([...stored, ...own, ...named])]
  if (first === undefined) return { kind: 'unknown' }
  return others[0] === undefined ? { kind: 'found', id: first } : { kind: 'clash', id: first, other: others[0] }
}

async function charges(db: DbOrTx, provider: string, where: SQL | undefined): Promise<string[]> {
  const rows = await db
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.provider, provider), eq(transactions.kind, 'charge'), where))
    .limit(2)
  return rows.map(({ id }) => id)
}
