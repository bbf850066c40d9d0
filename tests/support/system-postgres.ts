import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { until } from './shop-process.ts'

/** A throw-away Postgres from the machine's own packages, which, unlike the embedded one, come with pg_dump and pg_restore. */
export interface SystemPostgres {
  /** Where its programs are. */
  readonly bin: string
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

/** Makes a cluster in a temporary folder and starts it. Durable like a real one: fsync and synchronous commits stay on. */
export async function startSystemPostgres(bin: string): Promise<SystemPostgres> {
  const home = mkdtempSync(join(tmpdir(), 'rahim-drill-'))
  const data = join(home, 'data')
  const [port, user] = [await freePort(), serverUser()]
  mkdirSync(data)
  if (user !== undefined) for (const path of [home, data]) chownSync(path, user.uid, user.gid)
  const run = (...command: string[]): void => {
    const { success, stderr } = Bun.spawnSync(command, { ...user, cwd: '/', stdout: 'ignore', stderr: 'pipe' })
    if (!success) throw new Error(`${command[0]} failed: ${stderr.toString().slice(0, 400)}`)
  }
  run(join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C')
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
