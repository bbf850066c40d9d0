import { and, asc, desc, eq, inArray, lt, or, type SQL } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { orderLines, orders } from '../orders/order.table.ts'
import type { ReturnRow } from './move-return.ts'
import { returnLines, returns } from './return.table.ts'

/** A line of a return with what it is of. */
export type ReturnLineRow = typeof returnLines.$inferSelect & { readonly name: string; readonly size: string; readonly colour: string }

/** A return with its lines and the number of its order. */
export interface ReturnWithLines extends ReturnRow {
  readonly orderNumber: string
  readonly lines: readonly ReturnLineRow[]
}

async function findReturns(db: DbOrTx, where: SQL | undefined, limit: number): Promise<ReturnWithLines[]> {
  const found = await db
    .select({ row: returns, orderNumber: orders.number })
    .from(returns)
    .innerJoin(orders, eq(orders.id, returns.orderId))
    .where(where)
    .orderBy(desc(returns.createdAt), desc(returns.id))
    .limit(limit)
  if (found.length === 0) return []
  const lines = await db
    .select({ line: returnLines, name: orderLines.name, size: orderLines.size, colour: orderLines.colour })
    .from(returnLines)
    .innerJoin(orderLines, eq(orderLines.id, returnLines.orderLineId))
    .where(
      inArray(
        returnLines.returnId,
        found.map(({ row }) => row.id),
      ),
    )
    .orderBy(asc(orderLines.position))
  return found.map(({ row, orderNumber }) => ({
    ...row,
    orderNumber,
    lines: lines.filter(({ line }) => line.returnId === row.id).map(({ line, ...of }) => ({ ...line, ...of })),
  }))
}

/** One return, or undefined. */
export const findReturn = async (db: DbOrTx, id: string): Promise<ReturnWithLines | undefined> =>
  isUuid(id) ? (await findReturns(db, eq(returns.id, id), 1))[0] : undefined

/** The returns of an order, newest first. */
export const returnsOfOrder = async (db: DbOrTx, orderId: string): Promise<ReturnWithLines[]> =>
  await findReturns(db, eq(returns.orderId, orderId), 100)

/** One page of returns for staff, newest first. */
export async function listReturns(
  db: DbOrTx,
  filter: { state: string | undefined; cursor: string | undefined; limit: number },
): Promise<{ items: ReturnWithLines[]; nextCursor: string | null }> {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  const at = new Date(String(after?.[0]))
  const id = String(after?.[1])
  const found = await findReturns(
    db,
    and(
      filter.state === undefined ? undefined : eq(returns.state, filter.state),
      after === undefined || !isUuid(id) || Number.isNaN(at.getTime())
        ? undefined
        : or(lt(returns.createdAt, at), and(eq(returns.createdAt, at), lt(returns.id, id))),
    ),
    filter.limit + 1,
  )
  const items = found.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: found.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
  }
}
