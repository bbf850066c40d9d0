import { lt } from 'drizzle-orm'
import type { Db } from '../../platform/db.ts'
import { catalogChanges } from './catalog-change.table.ts'

/** Removes changes told before `before`: no kept page lives that long. Answers how many went. */
export async function pruneCatalogChanges(db: Db, before: Date): Promise<number> {
  const gone = await db.delete(catalogChanges).where(lt(catalogChanges.createdAt, before)).returning({ id: catalogChanges.id })
  return gone.length
}
