import { sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import { legacyLinks } from '../../platform/legacy-link.table.ts'
import type { Db, DbOrTx, Tx } from '../../platform/db.ts'
import type { ImportReport } from './import-report.ts'
import type { OldDatabase, OldTable } from './old-database.ts'

/** What every part of the import works with. */
export interface ImportTools {
  readonly old: OldDatabase
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly appSecret: string
  readonly report: ImportReport
  readonly source: string
  readonly isApplied: boolean
  /** Rows read at once; what is held in memory is a few times this. */
  readonly pageSize: number
}

/** Who makes the change, and when it happened in the old shop. */
export const importStamp = (tools: Pick<ImportTools, 'ids'>, now: Date): Stamp => ({
  now,
  ids: tools.ids,
  actor: { kind: 'system', name: 'import' },
})

/** What an old row became. */
export interface Link {
  readonly targetId: string
  readonly digest: string
}

/** The links of these old rows, by old id. */
export async function readLinks(db: DbOrTx, source: string, table: string, ids: readonly string[]): Promise<Map<string, Link>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: legacyLinks.legacyId, targetId: legacyLinks.targetId, digest: legacyLinks.digest })
    .from(legacyLinks)
    .where(
      sql`${legacyLinks.source} = ${source} and ${legacyLinks.legacyTable} = ${table} and ${legacyLinks.legacyId} = any(${sql.param([...ids])}::text[])`,
    )
  return new Map(rows.map((row) => [row.id, { targetId: row.targetId, digest: row.digest }]))
}

/** One link to write. */
export interface NewLink {
  readonly table: string
  readonly id: string
  readonly target: string
  readonly targetId: string
  readonly digest?: string
}

/** Remembers what became of old rows, in the commit that made it. A newer digest replaces an older one. */
export async function writeLinks(tx: Tx, source: string, links: readonly NewLink[]): Promise<void> {
  const rows = links.map(({ table, id, target, targetId, digest = '' }) => ({
    source,
    legacyTable: table,
    legacyId: id,
    targetTable: target,
    targetId,
    digest,
  }))
  await insertRows(tx, legacyLinks, rows, sql` on conflict (source, legacy_table, legacy_id) do update set digest = excluded.digest`)
}

/** Goes through an old table a page at a time. */
export async function* pagesOf(tools: ImportTools, table: OldTable): AsyncGenerator<readonly Readonly<Record<string, string | null>>[]> {
  let after = '0'
  for (;;) {
    const rows = await tools.old.page(table, after, tools.pageSize)
    if (rows.length === 0) return
    tools.report.count(table, 'read', rows.length)
    yield rows
    after = rows.at(-1)?.['id'] ?? after
  }
}

/** Runs a change in one commit, or not at all where nothing may be written. */
export async function inCommit(tools: ImportTools, work: (tx: Tx) => Promise<void>): Promise<void> {
  if (tools.isApplied) await tools.db.transaction(async (tx) => await work(tx))
}
