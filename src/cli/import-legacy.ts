import { parseArgs } from 'node:util'
import { systemClock } from '../lib/clock.ts'
import { randomIds } from '../lib/ids.ts'
import { ConfigError, readConfig } from '../platform/config.ts'
import { createLog, redactText } from '../platform/log.ts'
import { checkSchema, describeSchema } from '../platform/migrate.ts'
import { createDb } from '../platform/db.ts'
import { startServers } from '../platform/servers.ts'
import { printReport } from './import/import-report.ts'
import { importShop } from './import/import-shop.ts'

/**
 * `shop import-legacy --from <url> [--apply] [--report file] [--source name]`: takes over the old Django shop. Without `--apply` it
 * says what it would do and writes nothing. The report holds no names or numbers of people.
 */
export async function importLegacy(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        apply: { type: 'boolean', default: false },
        report: { type: 'string' },
        source: { type: 'string', default: 'django' },
      },
    })
    if (values.from === undefined) {
      process.stderr.write('shop import-legacy --from postgres://…|mysql://…|sqlite://file [--apply] [--report file] [--source django]\n')
      return 1
    }
    const config = readConfig()
    await using opened = new AsyncDisposableStack()
    const servers = await startServers(config, createLog('warn'))
    opened.defer(() => servers.stop())
    const schema = await schemaOf(servers.databaseUrl)
    if (schema !== '') {
      process.stderr.write(`The schema is not current: ${schema}. Run first: bun run shop migrate\n`)
      return 1
    }
    const writer = values.report === undefined ? undefined : Bun.file(values.report).writer()
    // Written as it comes, one finding a line, so that a long list needs no memory.
    void writer?.write('{"findings":[')
    let separator = '\n'
    const summary = await importShop({
      from: values.from,
      databaseUrl: servers.databaseUrl,
      appSecret: config.appSecret,
      source: values.source,
      isApplied: values.apply,
      clock: systemClock,
      ids: randomIds,
      find: (finding) => {
        void writer?.write(
          `${separator}${JSON.stringify(finding, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))}`,
        )
        separator = ',\n'
      },
    })
    void writer?.write(`\n],\n"summary":${JSON.stringify(summary, null, 2)}}\n`)
    await writer?.end()
    process.stdout.write(printReport(summary))
    return 0
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : redactText(error instanceof Error ? error.message : String(error))}\n`,
    )
    return 1
  }
}

async function schemaOf(url: string): Promise<string> {
  const lane = createDb({ url, lane: 'import', connections: 1, gateWaitMs: 10_000 })
  try {
    return describeSchema(await checkSchema(lane.sql))
  } finally {
    await lane.close()
  }
}
