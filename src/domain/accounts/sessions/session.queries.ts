import { and, desc, eq, gt, isNull } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { sessions } from '../account.table.ts'

/** One of a person's open sessions, as they see it in a list. */
export interface SessionView {
  readonly id: string
  readonly userAgent: string | null
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
}

/** The open sessions of an account, the last used first; at most a hundred. */
export const listSessions = (db: DbOrTx, now: Date, accountId: string): Promise<SessionView[]> =>
  db
    .select({
      id: sessions.id,
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      expiresAt: sessions.expiresAt,
    })
    .from(sessions)
    .where(and(eq(sessions.accountId, accountId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
    .limit(100)
