import { and, eq, isNull, ne } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { sessions } from '../account.table.ts'

/**
 * Ends all sessions of an account, but for one where it is named. A step: the caller asks the hub to look at the sockets again after
 * its commit. Answers how many ended.
 */
export async function endSessions(db: DbOrTx, now: Date, accountId: string, options: { butId?: string } = {}): Promise<number> {
  const ended = await db
    .update(sessions)
    .set({ revokedAt: now })
    .where(
      and(
        eq(sessions.accountId, accountId),
        isNull(sessions.revokedAt),
        options.butId === undefined ? undefined : ne(sessions.id, options.butId),
      ),
    )
    .returning({ id: sessions.id })
  return ended.length
}
