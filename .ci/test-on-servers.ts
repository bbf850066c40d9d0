/**
 * Runs the tests of data and realtime once more, on the Postgres and Redis of this machine, where they answer: another version and
 * another build than the embedded ones. What the tests leave in that Postgres is dropped, and their Redis database is emptied when
 * it was empty before.
 */
import { Redis } from 'ioredis'
import { existsSync } from 'node:fs'
import postgres from 'postgres'

const report = process.argv[2] ?? 'servers.xml'
const databaseUrl = process.env['CI_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const redisUrl = process.env['CI_REDIS_URL'] ?? 'redis://127.0.0.1:6379/13'
const folders = [
  'tests/checkout',
  'tests/payments',
  'tests/delivery',
  'tests/realtime',
  'tests/platform/db.test.ts',
  'tests/platform/invariants.test.ts',
  'tests/platform/migrations.test.ts',
  'tests/cli/doctor.test.ts',
]

const sql = postgres(databaseUrl, { max: 1, connect_timeout: 3, onnotice: () => {} })
const names = async (): Promise<Set<string>> =>
  new Set((await sql<{ name: string }[]>`select datname as name from pg_database`).map(({ name }) => name))

const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: 2_000, maxRetriesPerRequest: 0, retryStrategy: () => null })
redis.on('error', () => {})

async function answers(): Promise<boolean> {
  try {
    await sql`select 1`
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch (error) {
    process.stdout.write(`skipped: ${error instanceof Error ? error.message : String(error)}\n`)
    return false
  }
}

if (!(await answers())) {
  redis.disconnect()
  await sql.end({ timeout: 1 })
  process.exit(0)
}
const before = await names()
const wasEmpty = (await redis.dbsize()) === 0
redis.disconnect()
const tests = Bun.spawn(
  ['bun', 'test', '--timeout', '30000', ...folders.filter((path) => existsSync(path)), '--reporter=junit', `--reporter-outfile=${report}`],
  {
    env: { ...process.env, TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  },
)
const code = await tests.exited
for (const name of await names()) {
  if (before.has(name) || !/^(test|template)_[a-z0-9_]+$/.test(name)) continue
  await sql.unsafe(`alter database ${name} is_template false`)
  await sql.unsafe(`drop database if exists ${name} with (force)`)
}
await sql.end({ timeout: 5 })
if (wasEmpty) {
  await redis.connect()
  await redis.flushdb()
  redis.disconnect()
}
process.exit(code)
