import { asc, desc, eq, lt, and, type SQL } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid } from '../../lib/ids.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { transactions } from '../payments/transaction.table.ts'
import { payoutBatches, payouts } from './payout.table.ts'

/** A payout with its state. */
export interface PayoutRow {
  readonly id: string
  readonly vendorId: string
  readonly batchId: string
  readonly reference: string
  readonly payeeName: string
  readonly payeeAccount: string
  readonly method: string
  readonly amountMinor: bigint
  readonly state: string
  readonly reason: string | null
  readonly receipt: string | null
  readonly createdAt: Date
  readonly paidAt: Date | null
}

const columns = {
  id: payouts.transactionId,
  vendorId: payouts.vendorId,
  batchId: payouts.batchId,
  reference: transactions.reference,
  payeeName: payouts.payeeName,
  payeeAccount: payouts.payeeAccount,
  method: transactions.method,
  amountMinor: payouts.amountMinor,
  state: transactions.state,
  reason: transactions.stateReason,
  receipt: transactions.receipt,
  createdAt: payouts.createdAt,
  paidAt: transactions.succeededAt,
}

/** The payouts of one batch, in the order of their references. */
export const payoutsOfBatch = async (db: DbOrTx, batchId: string): Promise<PayoutRow[]> =>
  await db
    .select(columns)
    .from(payouts)
    .innerJoin(transactions, eq(transactions.id, payouts.transactionId))
    .where(eq(payouts.batchId, batchId))
    .orderBy(asc(payouts.transactionId))

/** One page of a vendor's payouts, newest first. */
export async function payoutsOfVendor(
  db: DbOrTx,
  vendorId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<{ items: PayoutRow[]; nextCursor: string | null }> {
  const rows = await db
    .select(columns)
    .from(payouts)
    .innerJoin(transactions, eq(transactions.id, payouts.transactionId))
    .where(
      and(
        eq(payouts.vendorId, vendorId),
        before(page.cursor, (id) => lt(payouts.transactionId, id)),
      ),
    )
    .orderBy(desc(payouts.transactionId))
    .limit(page.limit + 1)
  return cut(rows, page.limit)
}

/** One page of batches, newest first. */
export async function listBatches(
  db: DbOrTx,
  page: { state?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: (typeof payoutBatches.$inferSelect)[]; nextCursor: string | null }> {
  const rows = await db
    .select()
    .from(payoutBatches)
    .where(
      and(
        page.state === undefined ? undefined : eq(payoutBatches.state, page.state),
        before(page.cursor, (id) => lt(payoutBatches.id, id)),
      ),
    )
    .orderBy(desc(payoutBatches.id))
    .limit(page.limit + 1)
  return cut(rows, page.limit)
}

/** A batch by its id, or undefined. */
export async function batchById(db: DbOrTx, batchId: string): Promise<typeof payoutBatches.$inferSelect | undefined> {
  const [batch] = isUuid(batchId) ? await db.select().from(payoutBatches).where(eq(payoutBatches.id, batchId)) : []
  return batch
}

function before(cursor: string | undefined, condition: (id: string) => SQL): SQL | undefined {
  const [id] = cursor === undefined ? [] : (decodeCursor(cursor, 1) ?? [])
  return typeof id === 'string' && isUuid(id) ? condition(id) : undefined
}

function cut<Row extends { id: string }>(rows: Row[], limit: number): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.id]) : null }
}
