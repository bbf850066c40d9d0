import { and, asc, eq, inArray, isNull, notInArray, sql } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { RefundReading } from './provider.port.ts'
import { transactions } from './transaction.table.ts'

/**
 * Finds the refund of a charge that a message is about: by the provider's refund id that we stored, then by our own id, then by the
 * amount: an unfinished refund whose provider id we do not know yet. A message without a refund id is never taken for a new refund
 * while one of its amount is known, because repeats of it could not be told apart. Undefined for one we have never heard of.
 */
export async function matchRefund(db: DbOrTx, chargeId: string, reading: RefundReading): Promise<string | undefined> {
  const isRefund = and(eq(transactions.parentId, chargeId), eq(transactions.kind, 'refund'))
  if (reading.refundRef !== undefined) {
    const [known] = await db
      .select({ id: transactions.id })
      .from(transactions)
      .where(and(isRefund, eq(transactions.sessionRef, reading.refundRef)))
    if (known !== undefined) return known.id
  }
  if (reading.refundId !== undefined && isUuid(reading.refundId)) {
    const [own] = await db
      .select({ id: transactions.id })
      .from(transactions)
      .where(and(isRefund, eq(transactions.id, reading.refundId)))
    if (own !== undefined) return own.id
  }
  const [alike, other] = await db
    .select({ id: transactions.id })
    .from(transactions)
    .where(
      and(
        isRefund,
        ...(reading.amountMinor === undefined ? [] : [eq(transactions.providerAmountMinor, reading.amountMinor)]),
        ...(reading.refundRef === undefined ? [] : [isNull(transactions.sessionRef), notInArray(transactions.state, finished)]),
      ),
    )
    .orderBy(sql`case when ${inArray(transactions.state, finished)} then 1 else 0 end`, asc(transactions.createdAt), asc(transactions.id))
    .limit(2)
  // Without an amount there is nothing to choose by.
  return reading.amountMinor === undefined && other !== undefined ? undefined : alike?.id
}

const finished = ['succeeded', 'failed']
