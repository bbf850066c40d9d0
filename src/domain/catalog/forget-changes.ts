import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** Forgets all but the last changes of the catalogue: readers that slept longer read everything anew. Answers how many. */
export async function forgetChanges(db: DbOrTx, kept = 50_000): Promise<number> {
  const gone = await db.execute(
    sql`delete from catalog_changes where id <= (select max(id) from catalog_changes) - ${kept}::bigint returning id`,
  )
  return gone.length
}
