import type { ReservedSql } from 'postgres'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { createDb } from '../../platform/db.ts'
import { importCatalogue } from './import-catalogue.ts'
import { importOrders } from './import-orders.ts'
import { importPeople } from './import-people.ts'
import { type Finding, ImportReport, type ReportSummary } from './import-report.ts'
import { importRest } from './import-rest.ts'
import { openOldDatabase } from './old-database.ts'

/** Where from, where to, and how. */
export interface ImportOptions {
  /** postgres://, mysql:// or sqlite:// */
  readonly from: string
  readonly databaseUrl: string
  readonly appSecret: string
  /** The name the links are kept under; the same in every run for the same old shop. */
  readonly source: string
  readonly isApplied: boolean
  readonly clock: Clock
  readonly ids: Ids
  readonly pageSize?: number
  find?(finding: Finding): void
}

/** Another import is running on this database; two at once would do the same work twice. */
export class ImportRunning extends Error {}

// Any number nobody else locks.
const importLock = 491_260_469_617

// The server needs a moment to see that an import that was killed is gone.
const lockWait = '10s'

// A statement of the import names hundreds of rows and waits for nobody, so it may take longer than a page of the shop.
const statementTimeoutMs = 120_000

/**
 * Takes over the old shop: people, catalogue, orders with both payment models merged, the audit log. Writes only with `isApplied`,
 * in commits of a page each, so that a run that was ended in the middle is taken up by the next, and a run without news changes
 * nothing. Answers the report. Throws ImportRunning, and Error when the old database cannot be read.
 */
export async function importShop(options: ImportOptions): Promise<ReportSummary> {
  const { clock, ids, appSecret, source, isApplied } = options
  await using opened = new AsyncDisposableStack()
  const old = await openOldDatabase(options.from)
  opened.defer(() => old.close())
  const lane = createDb({
    url: options.databaseUrl,
    lane: 'import',
    connections: 2,
    gateWaitMs: 60_000,
    statementTimeoutMs,
    idleInTransactionTimeoutMs: 60_000,
    pipelined: 100,
  })
  opened.defer(() => lane.close())
  const holder = await lane.sql.reserve()
  opened.defer(() => holder.release())
  await lockOut(holder)

  const report = new ImportReport({ source, isApplied, missing: old.missing }, (finding) => options.find?.(finding))
  const tools = { old, db: lane.db, clock, ids, appSecret, report, source, isApplied, pageSize: options.pageSize ?? 400 }
  await importPeople(tools)
  await importCatalogue(tools)
  await importOrders(tools)
  await importRest(tools)
  return report.summary()
}

async function lockOut(holder: ReservedSql): Promise<void> {
  await holder`select set_config('lock_timeout', ${lockWait}, false)`
  try {
    await holder`select pg_advisory_lock(${importLock})`
  } catch (error) {
    throw new ImportRunning('another import is running on this database', { cause: error })
  }
}
