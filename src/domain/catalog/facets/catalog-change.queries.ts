import { sql } from 'drizzle-orm'
import type { Db } from '../../../platform/db.ts'

/** Where a reader of changes stands: every change of a transaction before the horizon is known, and so are these few after it. */
export interface ChangeMark {
  readonly horizon: string
  readonly known: ReadonlySet<number>
}

/** What changed since a mark: some products, or everything. */
export interface Changes {
  readonly mark: ChangeMark
  readonly productIds: readonly string[]
  readonly isEverything: boolean
}

/** The mark of now; what is read afterwards is at least as new. */
export const markNow = async (db: Db): Promise<ChangeMark> => (await changesSince(db, undefined)).mark

/**
 * What committed since the mark, in one statement. Rows of catalog_changes become visible in another order than they are numbered,
 * so the mark is the oldest transaction that was still running, and what was seen of younger ones is remembered by number.
 */
export async function changesSince(db: Db, mark: ChangeMark | undefined): Promise<Changes> {
  const from = mark === undefined ? sql`pg_snapshot_xmin(pg_current_snapshot())` : sql`${mark.horizon}::xid8`
  const rows = await db.execute<{ horizon: string; id: string | null; product_id: string | null; is_open: boolean }>(sql`
    select s.horizon::text, c.id, c.product_id, c.xid >= s.horizon as is_open
    from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) s left join catalog_changes c on c.xid >= ${from}`)
  const all = rows.filter((row) => row.id !== null)
  const fresh = all.filter((row) => mark?.known.has(Number(row.id)) !== true)
  return {
    mark: {
      horizon: rows[0]?.horizon ?? mark?.horizon ?? '0',
      known: new Set(all.filter((row) => row.is_open).map((row) => Number(row.id))),
    },
    productIds: [...new Set(fresh.flatMap((row) => (row.product_id === null ? [] : [row.product_id])))],
    isEverything: fresh.some((row) => row.product_id === null),
  }
}

/** Forgets changes older than any reader: those who slept longer read everything anew. Answers how many. */
export async function forgetChanges(db: Db, kept = 20_000): Promise<number> {
  const gone = await db.execute(
    sql`delete from catalog_changes where id <= (select max(id) from catalog_changes) - ${kept}::bigint returning id`,
  )
  return gone.length
}
