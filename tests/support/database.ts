import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import postgres from 'postgres'
import { createDb, type Db, type DbLane } from '../../src/platform/db.ts'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { startEmbeddedRedis } from '../../src/platform/embedded-redis.ts'
import type { EmbeddedServer } from '../../src/platform/embedded-server.ts'
import { migrate, readJournal } from '../../src/platform/migrate.ts'
import { isAlive } from '../../src/platform/process-liveness.ts'

/** Where the servers of a test run keep their files; the same for all workers of a run. */
export const testDataDir = join(import.meta.dirname, '../../.data/test')
export const quietLog = { info: () => {}, warn: () => {} }

// Any number nobody else locks; it keeps two workers from building the template at once.
const templateLock = 491_260_469_615

let server: Promise<EmbeddedServer> | undefined
let redisServer: Promise<EmbeddedServer> | undefined
let template: Promise<string> | undefined

/** The Postgres of this test run: `TEST_DATABASE_URL`, else an embedded one, started with the first test that asks. */
export async function testServerUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined && given !== '') return given
  server ??= startEmbeddedPostgres({ dataDir: testDataDir, log: quietLog, fsync: false })
  return (await server).url
}

/** The Redis of this test run: `TEST_REDIS_URL`, else an embedded one, started with the first test that asks. */
export async function testRedisUrl(): Promise<string> {
  const given = process.env['TEST_REDIS_URL']
  if (given !== undefined && given !== '') return given
  redisServer ??= startEmbeddedRedis({ dataDir: testDataDir, log: quietLog })
  return (await redisServer).url
}

/** Stops what this process started, unless another worker still uses it. Called once at the end of a run. */
export async function stopTestServers(): Promise<void> {
  const started = [server, redisServer]
  server = redisServer = template = undefined
  for (const one of started) await (await one)?.stop()
}

/** A migrated database of its own. */
export interface FreshDatabase {
  readonly url: string
  readonly db: Db
  /** The driver without the gate, for arranging and for looking. */
  readonly sql: postgres.Sql
  readonly lane: DbLane
  /** Closes the connections and removes the database. */
  drop(): Promise<void>
}

/** Clones the migrated template, which takes a fraction of migrating. Give it back with `drop()` in `afterAll`. */
export async function freshDatabase(options: { connections?: number; gateWaitMs?: number } = {}): Promise<FreshDatabase> {
  const base = await testServerUrl()
  const source = await (template ??= prepareTemplate(base))
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`
  await withServer(base, async (sql) => {
    // Copying a database needs it to itself for a moment, so workers that clone at once take turns.
    await sql`select pg_advisory_lock(${templateLock})`
    await sql.unsafe(`create database ${name} template ${source}`)
  })
  const url = databaseUrl(base, name)
  const lane = createDb({ url, lane: 'test', connections: options.connections ?? 8, gateWaitMs: options.gateWaitMs ?? 4_000 })
  return {
    url,
    db: lane.db,
    sql: lane.sql,
    lane,
    async drop() {
      await lane.close()
      await withServer(base, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`))
    },
  }
}

/** The template is named after the migrations, so an edited migration makes a new one and drops those before it. */
async function prepareTemplate(base: string): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(readJournal())).digest('hex').slice(0, 12)
  const name = `template_${key}`
  await withServer(base, async (sql) => {
    await sql`select pg_advisory_lock(${templateLock})`
    if (await isOurs()) await removeLeftovers(sql, name)
    const [existing] = await sql`select datistemplate as "isDone" from pg_database where datname = ${name}`
    if (existing?.['isDone'] === true) return
    // Its making was interrupted.
    if (existing !== undefined) await sql.unsafe(`drop database ${name} with (force)`)
    await sql.unsafe(`create database ${name}`)
    await migrate({ url: databaseUrl(base, name) })
    // Marked last: a template whose making was interrupted is not used.
    await sql.unsafe(`alter database ${name} is_template true`)
  })
  return name
}

/** True when this process started the server, so that what lies in it is from earlier runs. */
const isOurs = async (): Promise<boolean> => (await server)?.reused === false

/** What runs that were killed have left: databases of processes that are gone, and templates of earlier migrations. */
async function removeLeftovers(sql: postgres.Sql, template: string): Promise<void> {
  const old = await sql<{ name: string }[]>`
    select datname as name from pg_database d
    where (datname like 'template\\_%' or datname like 'test\\_%') and datname <> ${template}
      and not exists (select 1 from pg_stat_activity a where a.datname = d.datname)`
  for (const { name } of old) {
    if (isAlive(Number(/^test_(\d+)_/.exec(name)?.[1] ?? Number.NaN))) continue
    await sql.unsafe(`alter database ${name} is_template false`)
    await sql.unsafe(`drop database if exists ${name}`)
  }
}

async function withServer<Result>(base: string, work: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
  const sql = postgres(databaseUrl(base, 'postgres'), {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: `rahim-test ${process.pid}` },
  })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The address of another database on the same server. */
export function databaseUrl(base: string, name: string): string {
  const url = new URL(base)
  url.pathname = `/${name}`
  return url.href
}
