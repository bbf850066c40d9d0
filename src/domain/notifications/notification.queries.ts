import { and, desc, eq, lt } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { type NotificationFacts, notificationFacts } from './notification.facts.ts'
import { notificationCursors, notifications } from './notification.table.ts'

/** One notice of the list. */
export interface ListedNotification extends NotificationFacts {
  readonly seq: number
  readonly isRead: boolean
}

/** How far somebody has been told and has read; nothing at all is 0 and 0. */
export async function cursorOf(db: DbOrTx, accountId: string): Promise<{ lastSeq: number; readSeq: number }> {
  const [row] = await db.select().from(notificationCursors).where(eq(notificationCursors.accountId, accountId))
  return row ?? { lastSeq: 0, readSeq: 0 }
}

/** One page of what somebody was told, newest first, and how many are unread. */
export async function listNotifications(
  db: DbOrTx,
  accountId: string,
  page: { cursor: string | undefined; limit: number },
): Promise<{ items: ListedNotification[]; nextCursor: string | null; unread: number }> {
  const { lastSeq, readSeq } = await cursorOf(db, accountId)
  const [before] = page.cursor === undefined ? [] : (decodeCursor(page.cursor, 1) ?? [])
  const where =
    typeof before === 'number'
      ? and(eq(notifications.accountId, accountId), lt(notifications.seq, before))
      : eq(notifications.accountId, accountId)
  const rows = await db
    .select()
    .from(notifications)
    .where(where)
    .orderBy(desc(notifications.seq))
    .limit(page.limit + 1)
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: shown.map((row) => ({ ...notificationFacts(row), seq: row.seq, isRead: row.seq <= readSeq })),
    nextCursor: rows.length > page.limit && last !== undefined ? encodeCursor([last.seq]) : null,
    unread: lastSeq - readSeq,
  }
}
