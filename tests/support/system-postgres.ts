import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { until } from './shop-process.ts'

/** A throw-away Postgres from the machine's own packages, which, unlike the embedded one, come with pg_dump and pg_restore. */
export interface SystemPostgres {
  /** Where its programs are. */
  readonly bin: string
  /** Where its tables are. */
  readonly dataDirectory: string
  url(database: string): string
  /** Stops it at once, as a crash would, and starts it again on the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The newest Postgres of Debian's or Ubuntu's packages; undefined where there is none. */
export const systemPostgresBin = (): string | undefined =>
  [...new Bun.Glob('*/bin').scanSync({ cwd: '/usr/lib/postgresql', onlyFiles: false, absolute: true })]
    .filter((bin) => ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'].every((name) => existsSync(join(bin, name))))
    .sort((one, other) => Number(/(\d+)\/bin$/.exec(other)?.[1]) - Number(/(\d+)\/bin$/.exec(one)?.[1]))[0]

/**
 * Makes a cluster in a temporary folder and starts it. Durable like a real one: fsync and synchronous commits stay on. With `dataMiB`
 * the tables (not the log, which would end the server) lie on a file system of that size, which takes the rights of root to make.
 */
export async function startSystemPostgres(bin: string, options: { readonly dataMiB?: number } = {}): Promise<SystemPostgres> {
  const home = mkdtempSync(join(tmpdir(), 'rahim-drill-'))
  const data = join(home, 'data')
  const [port, user] = [await freePort(), serverUser()]
  mkdirSync(data)
  const isSmall = options.dataMiB !== undefined
  if (isSmall && !Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', `size=${options.dataMiB}M`, 'tmpfs', data]).success)
    throw new Error('a file system of a limited size could not be made; that takes the rights of root')
  if (user !== undefined) for (const path of [home, data]) chownSync(path, user.uid, user.gid)
  const run = (...command: string[]): void => {
    const { success, stderr } = Bun.spawnSync(command, { ...user, cwd: '/', stdout: 'ignore', stderr: 'pipe' })
    if (!success) throw new Error(`${command[0]} failed: ${stderr.toString().slice(0, 400)}`)
  }
  run(join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-X', join(home, 'log'))
  let server: Bun.Subprocess
  const start = async (): Promise<void> => {
    server = Bun.spawn([join(bin, 'postgres'), '-D', data, '-p', String(port), '-k', home, '-c', 'listen_addresses=127.0.0.1'], {
      ...user,
      cwd: '/',
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    })
    await until(
      async () => Bun.spawnSync([join(bin, 'pg_isready'), '-h', '127.0.0.1', '-p', String(port)], { stdout: 'ignore' }).success,
      'the drill’s Postgres',
    )
  }
  await start()
  return {
    bin,
    dataDirectory: data,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    async restart() {
      // SIGQUIT: without a checkpoint, so that the start is a recovery.
      server.kill('SIGQUIT')
      await server.exited
      await start()
    },
    async stop() {
      server.kill('SIGQUIT')
      await server.exited
      if (isSmall) Bun.spawnSync(['umount', data])
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Postgres refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === 'postgres' || name === 'nobody') return { uid: Number(uid), gid: Number(gid) }
  }
  return { uid: 65_534, gid: 65_534 }
}
