import { and, isNotNull, lt } from 'drizzle-orm'
import type { Db } from './db.ts'
import { outbox } from './outbox.table.ts'

/** Removes messages that were done before `before`. Dead ones stay: a person has to look at them. Answers how many went. */
export async function pruneOutbox(db: Db, before: Date): Promise<number> {
  const gone = await db
    .delete(outbox)
    .where(and(isNotNull(outbox.doneAt), lt(outbox.doneAt, before)))
    .returning({ id: outbox.id })
  return gone.length
}
