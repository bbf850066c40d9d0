import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { importShop } from '../../src/cli/import/import-shop.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { makeLegacyShop } from '../support/legacy-shop.ts'
import type { Bench } from './figure.ts'
import { withServers } from './measured-process.ts'

const rows = 50_000
const atOnce = 400

/**
 * Takes over an old shop of 50,000 payments, with all that hangs on them; beside it as many plain rows, inserted by the same driver
 * into a table without laws, in commits of the same size. Then a second run, which has nothing to do.
 */
export const bench: Bench = () =>
  withServers(async (database) => {
    const scratch = mkdtempSync(join(tmpdir(), 'rahim-import-'))
    try {
      const from = `sqlite://${join(scratch, 'old.db')}`
      await makeLegacyShop({ url: from, transactions: rows })
      const cpuMs = (since?: NodeJS.CpuUsage): number => {
        const { user, system } = process.cpuUsage(since)
        return (user + system) / 1_000
      }
      const run = async (): Promise<{ tookMs: number; cpuMs: number }> => {
        const before = process.cpuUsage()
        const { tookMs } = await importShop({
          from,
          databaseUrl: database.url,
          appSecret: 'a secret for the benchmark alone',
          source: 'django',
          isApplied: true,
          clock: systemClock,
          ids: randomIds,
        })
        return { tookMs, cpuMs: cpuMs(before) }
      }
      const first = await run()
      const again = await run()
      const began = process.cpuUsage()
      const plain = await insertPlainly(database.url)
      const plainCpuMs = cpuMs(began)
      return [
        { name: 'import 50,000 payments', value: first.tookMs, unit: 'ms', reference: plain },
        // Of the importer alone, without Postgres; a busy machine does not change it.
        { name: 'import 50,000 payments, processor time', value: first.cpuMs, unit: 'ms', reference: plainCpuMs },
        { name: 'import without news', value: again.tookMs, unit: 'ms', reference: plain },
        { name: 'import payments per second', value: rows / (first.tookMs / 1_000), unit: '1/s', reference: rows / (plain / 1_000) },
      ]
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  })

async function insertPlainly(url: string): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql`create table plain_rows (id uuid primary key, reference text not null, amount_minor bigint not null, data jsonb not null, created_at timestamptz not null)`
    const began = performance.now()
    for (let row = 0; row < rows; row += atOnce) {
      const part = Array.from({ length: atOnce }, (_, at) => ({
        id: randomIds.next(),
        reference: `PLAIN-${row + at}`,
        amount_minor: 100_000,
        data: { legacy: [row + at] },
        created_at: new Date(),
      }))
      await sql.begin(async (tx) => {
        for (const one of part) await tx`insert into plain_rows ${tx({ ...one, data: tx.json(one.data) })}`
      })
    }
    return performance.now() - began
  } finally {
    await sql.end({ timeout: 5 })
  }
}
