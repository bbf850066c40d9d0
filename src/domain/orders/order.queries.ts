import { type SQL, sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid, parseOrderNumber } from '../../lib/ids.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { orderLines, orders } from './order.table.ts'

/** An order with its lines, as the database holds them. */
export type OrderWithLines = typeof orders.$inferSelect & { lines: (typeof orderLines.$inferSelect)[] }

/** Orders by any condition, newest first, with their lines: two statements whatever the number. */
async function findOrders(db: DbOrTx, where: SQL, limit: number): Promise<OrderWithLines[]> {
  const found = await db
    .select()
    .from(orders)
    .where(where)
    .orderBy(sql`${orders.createdAt} desc, ${orders.id} desc`)
    .limit(limit)
  if (found.length === 0) return []
  const lines = await db
    .select()
    .from(orderLines)
    .where(sql`${orderLines.orderId} = any(${sql.param(found.map((order) => order.id))}::uuid[])`)
    .orderBy(orderLines.orderId, orderLines.position)
  return found.map((order) => ({ ...order, lines: lines.filter((line) => line.orderId === order.id) }))
}

/** The order behind a link's token, or undefined. */
export async function orderByToken(db: DbOrTx, token: string): Promise<OrderWithLines | undefined> {
  return (await findOrders(db, sql`${orders.tokenHash} = ${sha256Hex(token)}`, 1))[0]
}

/** Who is asking for an order: its account, the holder of its token, staff, or a vendor whose goods are in it. */
export interface OrderReader {
  readonly accountId?: string | undefined
  readonly token?: string | undefined
  readonly isStaff?: boolean
}

/** An order by number for somebody who may read it. Ownership is part of the query: a foreign order is simply not found. */
export async function orderByNumber(db: DbOrTx, number: string, reader: OrderReader): Promise<OrderWithLines | undefined> {
  const parsed = parseOrderNumber(number)
  if (parsed === undefined) return undefined
  const ways: SQL[] = []
  if (reader.isStaff === true) ways.push(sql`true`)
  if (reader.accountId !== undefined) ways.push(sql`${orders.accountId} = ${reader.accountId}::uuid`)
  if (reader.token !== undefined) ways.push(sql`${orders.tokenHash} = ${sha256Hex(reader.token)}`)
  if (ways.length === 0) return undefined
  return (await findOrders(db, sql`${orders.number} = ${parsed} and (${sql.join(ways, sql` or `)})`, 1))[0]
}

/** One page of orders, newest first; of one account, or of all for staff (accountId undefined). */
export async function listOrders(
  db: DbOrTx,
  filter: { accountId: string | undefined; state: string | undefined; cursor: string | undefined; limit: number },
): Promise<{ items: OrderWithLines[]; nextCursor: string | null }> {
  const where: SQL[] = [sql`true`]
  if (filter.accountId !== undefined) where.push(sql`${orders.accountId} = ${filter.accountId}::uuid`)
  if (filter.state !== undefined) where.push(sql`${orders.state} = ${filter.state}`)
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  if (after !== undefined && isUuid(String(after[1])) && !Number.isNaN(Date.parse(String(after[0])))) {
    where.push(
      sql`(${orders.createdAt}, ${orders.id}) < (${new Date(String(after[0])).toISOString()}::timestamptz, ${String(after[1])}::uuid)`,
    )
  }
  const found = await findOrders(db, sql.join(where, sql` and `), filter.limit + 1)
  const items = found.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: found.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
  }
}
