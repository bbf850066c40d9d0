import { and, desc, eq, lt, or, type SQL } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { orders } from '../orders/order.table.ts'
import { messages } from './message.table.ts'

/** A message as staff see it. */
export type MessageRow = typeof messages.$inferSelect & { readonly orderNumber: string | null }

/** One page of messages, newest first; of one order, in one state, or all. */
export async function listMessages(
  db: DbOrTx,
  filter: { orderNumber: string | undefined; state: string | undefined; cursor: string | undefined; limit: number },
): Promise<{ items: MessageRow[]; nextCursor: string | null }> {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  const at = new Date(String(after?.[0]))
  const id = String(after?.[1])
  const where: (SQL | undefined)[] = [
    filter.orderNumber === undefined ? undefined : eq(orders.number, filter.orderNumber),
    filter.state === undefined ? undefined : eq(messages.state, filter.state),
    after === undefined || !isUuid(id) || Number.isNaN(at.getTime())
      ? undefined
      : or(lt(messages.createdAt, at), and(eq(messages.createdAt, at), lt(messages.id, id))),
  ]
  const found = await db
    .select({ message: messages, orderNumber: orders.number })
    .from(messages)
    .leftJoin(orders, eq(orders.id, messages.orderId))
    .where(and(...where))
    .orderBy(desc(messages.createdAt), desc(messages.id))
    .limit(filter.limit + 1)
  const items = found.slice(0, filter.limit).map(({ message, orderNumber }) => ({ ...message, orderNumber }))
  const last = items.at(-1)
  return {
    items,
    nextCursor: found.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
  }
}
