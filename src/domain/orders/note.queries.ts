import { and, asc, eq } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { orderNotes } from './order.table.ts'

/** The notes of an order, oldest first; what is for staff only where it is asked for. */
export async function notesOfOrder(db: DbOrTx, orderId: string, withStaff: boolean): Promise<(typeof orderNotes.$inferSelect)[]> {
  return await db
    .select()
    .from(orderNotes)
    .where(and(eq(orderNotes.orderId, orderId), withStaff ? undefined : eq(orderNotes.audience, 'shopper')))
    .orderBy(asc(orderNotes.createdAt), asc(orderNotes.id))
    .limit(200)
}
