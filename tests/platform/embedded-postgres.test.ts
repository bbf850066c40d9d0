import { afterEach, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import type { EmbeddedServer } from '../../src/platform/embedded-server.ts'
import { isAlive, signal, waitForExit } from '../../src/platform/process-liveness.ts'
import { tryLock } from '../../src/platform/process-lock.ts'
import { quietLog } from '../support/database.ts'

const servers: EmbeddedServer[] = []
const directories: string[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.stop()))
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true })
})

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'rahim-postgres-'))
  chmodSync(path, 0o755)
  directories.push(path)
  return path
}
const start = async (dataDir: string): Promise<EmbeddedServer> => {
  const server = await startEmbeddedPostgres({ dataDir, log: quietLog, fsync: false })
  servers.push(server)
  return server
}
const ask = async (url: string, text: string): Promise<unknown> => {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'somebody' } })
  try {
    return Object.values((await sql.unsafe(text))[0] ?? {})[0]
  } finally {
    await sql.end({ timeout: 1 })
  }
}
const pidIn = (dataDir: string): number => Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])

test('a server is shared, outlives a user, keeps its data, and ends with the last user', async () => {
  const dataDir = directory()
  const first = await start(dataDir)
  const second = await start(dataDir)
  expect([first.reused, second.reused, second.url]).toEqual([false, true, first.url])
  expect(
    await ask(
      first.url,
      "select current_setting('server_encoding') || ' ' || datlocprovider::text from pg_database where datname = current_database()",
    ),
  ).toBe('UTF8 b')
  expect(await ask(first.url, "select current_setting('listen_addresses') || current_setting('unix_socket_directories')")).toBe('127.0.0.1')
  await ask(first.url, 'create table kept as select 1 as one')
  const pid = pidIn(dataDir)
  await first.stop()
  expect(isAlive(pid)).toBe(true)
  await second.stop()
  expect([isAlive(pid), existsSync(join(dataDir, 'postgres/data/postmaster.pid'))]).toEqual([false, false])
  expect(await ask((await start(dataDir)).url, 'select one from kept')).toBe(1)
})

test('two processes that start at once get one server', async () => {
  const dataDir = directory()
  const [one, two] = await Promise.all([start(dataDir), start(dataDir)])
  expect(one!.url).toBe(two!.url)
})

test('nobody gets in without the password, which only the owner may read', async () => {
  const dataDir = directory()
  const { url } = await start(dataDir)
  const wrong = new URL(url)
  wrong.password = 'guess'
  expect(await ask(wrong.href, 'select 1').catch((error: { code: string }) => error.code)).toBe('28P01')
  expect((await Bun.file(join(dataDir, 'postgres/password')).stat()).mode & 0o077).toBe(0)
})

test('a server left behind by a killed process is used again and then stopped', async () => {
  const dataDir = directory()
  const source = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/platform/embedded-postgres.ts'))})
    const quiet = { info() {}, warn() {} }
    console.log((await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: quiet, fsync: false })).url)
    setInterval(() => {}, 1000)`
  const app = Bun.spawn([process.execPath, '-e', source], { stdout: 'pipe' })
  const url = new TextDecoder().decode((await app.stdout.getReader().read()).value).trim()
  const pid = pidIn(dataDir)
  app.kill('SIGKILL')
  await app.exited
  expect(isAlive(pid)).toBe(true)
  const again = await start(dataDir)
  expect([again.reused, again.url]).toEqual([true, url])
  await again.stop()
  expect(isAlive(pid)).toBe(false)
})

test('a killed server is started anew, also when its process id belongs to somebody else by now', async () => {
  const dataDir = directory()
  const first = await start(dataDir)
  const pid = pidIn(dataDir)
  await ask(first.url, 'create table kept as select 1 as one')
  const lines = readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')
  signal(pid, 'SIGKILL')
  await waitForExit(pid, 5_000)
  await first.stop()
  writeFileSync(join(dataDir, 'postgres/data/postmaster.pid'), [process.pid, ...lines.slice(1)].join('\n'))
  const second = await start(dataDir)
  expect([second.reused, pidIn(dataDir) === process.pid]).toEqual([false, false])
  expect(await ask(second.url, 'select one from kept')).toBe(1)
})

test('a data directory that was only half made is made again', async () => {
  const dataDir = directory()
  mkdirSync(join(dataDir, 'postgres/new-1/cluster/base'), { recursive: true })
  mkdirSync(join(dataDir, 'postgres/data/base'), { recursive: true })
  expect(await ask((await start(dataDir)).url, 'select 1')).toBe(1)
  expect(readdirSync(join(dataDir, 'postgres')).filter((name) => name.startsWith('new-'))).toEqual([])
})

test('a session of the shop in another process keeps the server alive', async () => {
  const dataDir = directory()
  const first = await start(dataDir)
  const pid = pidIn(dataDir)
  const other = postgres(first.url, { max: 1, connection: { application_name: 'rahim-tool 1' } })
  await other`select 1`
  await first.stop()
  expect(isAlive(pid)).toBe(true)
  await other.end({ timeout: 1 })
  await (await start(dataDir)).stop()
  expect(isAlive(pid)).toBe(false)
})

// Only root starts the server as another user, so only for root can a directory be closed to it.
test.if(process.getuid?.() === 0)(
  'below a directory that the server user may not enter, the data goes to the temporary directory',
  async () => {
    const dataDir = directory()
    chmodSync(dataDir, 0o700)
    const server = await start(dataDir)
    const place = String(await ask(server.url, "select current_setting('data_directory')"))
    expect(place.startsWith(join(tmpdir(), 'rahim-online-'))).toBe(true)
    await server.stop()
    rmSync(join(place, '../..'), { recursive: true, force: true })
  },
)

test('a lock is held by one alone or shared by many, and freed with its holder', () => {
  const path = join(directory(), 'a.lock')
  const shared = [tryLock(path, 'shared'), tryLock(path, 'shared')]
  expect(shared.every((lock) => lock !== undefined)).toBe(true)
  expect(tryLock(path, 'exclusive')).toBeUndefined()
  for (const lock of shared) lock?.release()
  const alone = tryLock(path, 'exclusive')
  expect([alone === undefined, tryLock(path, 'shared')]).toEqual([false, undefined])
  alone?.release()
})
