import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** A change of the shop window; `productId` is null when it may be any product. */
export interface CatalogChange {
  readonly id: number
  readonly productId: string | null
}

/** What has changed, and where to read on from. */
export interface CatalogNews {
  readonly horizon: string
  readonly changes: readonly CatalogChange[]
}

/**
 * Every change committed since a horizon, and the next one: below it all transactions have ended, so nothing can appear there any
 * more. Changes at or above it may be told twice, never not at all. Without `since` only the horizon is answered.
 */
export async function catalogNews(db: DbOrTx, since: string | undefined): Promise<CatalogNews> {
  const [row] = await db.execute<{ horizon: string; changes: CatalogChange[] | null }>(
    since === undefined
      ? sql`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, null as changes`
      : sql`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
          (select json_agg(json_build_object('id', c.id, 'productId', c.product_id)) from catalog_changes c where c.xid >= ${since}::text::xid8) as changes`,
  )
  return { horizon: row?.horizon ?? '0', changes: row?.changes ?? [] }
}
