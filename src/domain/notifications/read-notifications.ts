import { eq, sql } from 'drizzle-orm'
import type { Db } from '../../platform/db.ts'
import { notificationCursors } from './notification.table.ts'

/** Somebody has read everything up to a number. Never un-reads, and never reads what has not been told. Answers how many are unread. */
export async function readNotifications(db: Db, accountId: string, upTo: number): Promise<number> {
  const [row] = await db
    .update(notificationCursors)
    .set({ readSeq: sql`least(${notificationCursors.lastSeq}, greatest(${notificationCursors.readSeq}, ${upTo}::int))` })
    .where(eq(notificationCursors.accountId, accountId))
    .returning()
  return row === undefined ? 0 : row.lastSeq - row.readSeq
}
