import { sql } from 'drizzle-orm'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Db } from './db.ts'
import type { ReadingSource } from './metrics.ts'

const statement = readFileSync(join(import.meta.dirname, 'shop-state.sql'), 'utf8')
// Several collectors, or an impatient one, ask the database once.
const keptMs = 10_000

/** The figures of shop-state.sql: what they mean and what their label is. */
const figures: Readonly<Record<string, { readonly help: string; readonly labels: readonly string[] }>> = {
  shop_outbox_due: { help: 'Messages and calls that wait to be made, by topic.', labels: ['topic'] },
  shop_outbox_oldest_seconds: { help: 'How long the oldest due message waits.', labels: [] },
  shop_outbox_given_up: { help: 'Messages and calls that failed too often and wait for a person.', labels: ['topic'] },
  shop_webhooks_open: { help: 'Messages of providers that are not applied yet.', labels: ['provider', 'state'] },
  shop_webhooks_oldest_seconds: { help: 'How long the oldest message that could be applied waits.', labels: [] },
  shop_transactions_unfinished: { help: 'Movements of money whose end is not known yet.', labels: ['provider', 'state'] },
  shop_reconciliation_breaks_open: { help: 'Differences between a provider and the shop that nobody resolved.', labels: ['provider'] },
  shop_orders_awaiting_payment: { help: 'Orders that hold goods and are not paid.', labels: [] },
  shop_deliveries_live: { help: 'Deliveries that are not finished, by state.', labels: ['state'] },
  shop_job_age_seconds: { help: 'Time since a background job last ended.', labels: ['job'] },
  shop_job_failing: { help: '1 when the last run of a background job failed.', labels: ['job'] },
}

type Row = { name: string; label: string; value: number } & Record<string, unknown>

/** What waits in the shop, read from the database at most every ten seconds. Any process answers for the whole shop. */
export function shopState({ db, clock }: { readonly db: Db; readonly clock: Clock }): ReadingSource[] {
  let kept: { readonly atMs: number; readonly rows: Promise<readonly Row[]> } | undefined
  const rows = (): Promise<readonly Row[]> => {
    const nowMs = clock.monotonicMs()
    if (kept === undefined || nowMs - kept.atMs > keptMs) {
      // The text is a file of this repository; nothing from outside reaches it.
      kept = { atMs: nowMs, rows: db.execute<Row>(sql.raw(statement)) }
      kept.rows.catch(() => (kept = undefined))
    }
    return kept.rows
  }
  return Object.entries(figures).map(([name, { help, labels }]) => ({
    name,
    help,
    read: async () =>
      (await rows())
        .filter((row) => row.name === name)
        .map(({ label, value }) => ({ labels: Object.fromEntries(labels.map((each, at) => [each, label.split(' ')[at] ?? ''])), value })),
  }))
}
