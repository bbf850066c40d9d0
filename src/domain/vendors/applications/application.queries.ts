import { and, asc, desc, eq, gt, inArray } from 'drizzle-orm'
import { isUuid } from '../../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../../lib/page-cursor.ts'
import type { DbOrTx } from '../../../platform/db.ts'
import { applicationFiles, vendorApplications } from '../application.table.ts'

/** An application with its papers. */
export type ApplicationWithPapers = typeof vendorApplications.$inferSelect & { papers: (typeof applicationFiles.$inferSelect)[] }

async function withPapers(db: DbOrTx, rows: (typeof vendorApplications.$inferSelect)[]): Promise<ApplicationWithPapers[]> {
  if (rows.length === 0) return []
  const papers = await db
    .select()
    .from(applicationFiles)
    .where(
      inArray(
        applicationFiles.applicationId,
        rows.map((row) => row.id),
      ),
    )
    .orderBy(asc(applicationFiles.id))
  return rows.map((row) => ({ ...row, papers: papers.filter((paper) => paper.applicationId === row.id) }))
}

/** One's own applications, newest first. */
export const applicationsOf = async (db: DbOrTx, accountId: string): Promise<ApplicationWithPapers[]> =>
  await withPapers(
    db,
    await db
      .select()
      .from(vendorApplications)
      .where(eq(vendorApplications.accountId, accountId))
      .orderBy(desc(vendorApplications.id))
      .limit(20),
  )

/** One page of applications in a state, oldest first, so that who waits longest is seen first. */
export async function listApplications(
  db: DbOrTx,
  page: { state: string; cursor?: string | undefined; limit: number },
): Promise<{ items: ApplicationWithPapers[]; nextCursor: string | null }> {
  const [last] = page.cursor === undefined ? [] : (decodeCursor(page.cursor, 1) ?? [])
  const rows = await db
    .select()
    .from(vendorApplications)
    .where(
      and(eq(vendorApplications.state, page.state), typeof last === 'string' && isUuid(last) ? gt(vendorApplications.id, last) : undefined),
    )
    .orderBy(asc(vendorApplications.id))
    .limit(page.limit + 1)
  const items = await withPapers(db, rows.slice(0, page.limit))
  const end = items.at(-1)
  return { items, nextCursor: rows.length > page.limit && end !== undefined ? encodeCursor([end.id]) : null }
}
