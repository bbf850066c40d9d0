import { afterAll, afterEach, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { isAlive, parentOf, signal, waitForExit } from '../../src/platform/process-liveness.ts'

const root = join(import.meta.dirname, '../..')
const fixture = join(root, 'tests/support/minimal-server.ts')
const pids = new Set<number>()

// One directory for all, so that the database is made once.
const dataDir = mkdtempSync(join(tmpdir(), 'rahim-start-'))
chmodSync(dataDir, 0o755)

afterEach(async () => {
  for (const pid of pids) if (isAlive(pid)) signal(pid, 'SIGKILL')
  await gone([...pids])
  pids.clear()
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

interface App {
  readonly port: number
  readonly pid: number
  readonly top: Bun.Subprocess<'ignore', 'pipe', 'inherit'>
  line(): Promise<Record<string, unknown>>
}

/** Starts the fixture, through `bun run` when asked, and waits until it listens. */
async function start(options: { command?: string[]; directory?: string; env?: Record<string, string> } = {}): Promise<App> {
  const top = Bun.spawn(options.command ?? [process.execPath, fixture], {
    cwd: options.directory ?? root,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: process.env['HOME'] ?? '/',
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      NODE_ENV: 'development',
      SHUTDOWN_MS: '3000',
      ...options.env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const reader = top.stdout.getReader()
  let text = ''
  const line = async (): Promise<Record<string, unknown>> => {
    while (!text.includes('\n')) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`the server ended with ${await top.exited} before it said anything`)
      text += new TextDecoder().decode(value)
    }
    const first = text.slice(0, text.indexOf('\n'))
    text = text.slice(first.length + 1)
    return first.startsWith('{') ? JSON.parse(first) : line()
  }
  const { port, pid } = (await line()) as { port: number; pid: number }
  pids.add(pid).add(top.pid)
  for (const server of serverPids()) pids.add(server)
  return { port, pid, top, line }
}

/** Process ids of the database and the Redis of a data directory. */
const serverPids = (): number[] => {
  const found: number[] = []
  const postmaster = join(dataDir, 'postgres/data/postmaster.pid')
  if (existsSync(postmaster)) found.push(Number(readFileSync(postmaster, 'utf8').split('\n')[0]))
  const redis = join(dataDir, 'redis/server.json')
  if (existsSync(redis)) found.push((JSON.parse(readFileSync(redis, 'utf8')) as { pid: number }).pid)
  return found
}

const gone = async (wanted: readonly number[]): Promise<boolean> =>
  (await Promise.all(wanted.map((pid) => waitForExit(pid, 10_000)))).every(Boolean)
const get = (app: App, path: string): Promise<Response> => fetch(`http://127.0.0.1:${app.port}${path}`)

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends the process with 0 and its servers with it', async (name) => {
  const app = await start()
  const servers = serverPids()
  expect(servers.length).toBeGreaterThan(0)
  expect((await get(app, '/readyz')).status).toBe(200)
  app.top.kill(name)
  expect(await app.top.exited).toBe(0)
  expect(await gone(servers)).toBe(true)
})

test('a request that runs is finished, a new one is not taken', async () => {
  const app = await start()
  const slow = get(app, '/slow')
  await app.line()
  app.top.kill('SIGTERM')
  const response = await slow
  expect([response.status, await response.text()]).toEqual([200, 'finished'])
  expect(await app.top.exited).toBe(0)
  expect(await get(app, '/').catch((error: unknown) => error)).toBeInstanceOf(Error)
})

test('a request that never ends is cut at the deadline', async () => {
  const app = await start({ env: { SHUTDOWN_MS: '300' } })
  const stuck = get(app, '/stuck').catch((error: unknown) => error)
  await get(app, '/')
  app.top.kill('SIGTERM')
  expect(await stuck).toBeInstanceOf(Error)
  expect(await app.top.exited).toBe(0)
})

test('a second interrupt leaves at once, its echo does not', async () => {
  const app = await start({ env: { SHUTDOWN_MS: '20000' } })
  const servers = serverPids()
  const stuck = get(app, '/stuck').catch((error: unknown) => error)
  await get(app, '/')
  app.top.kill('SIGINT')
  app.top.kill('SIGINT')
  const first = await Promise.race([app.top.exited, Bun.sleep(900).then(() => 'runs')])
  expect(first).toBe('runs')
  app.top.kill('SIGINT')
  expect(await app.top.exited).toBe(130)
  await stuck
  // What was left behind is found by the next start and ends with it.
  const again = await start()
  expect(serverPids()).toEqual(servers)
  again.top.kill('SIGTERM')
  expect(await again.top.exited).toBe(0)
  expect(await gone(servers)).toBe(true)
})

test('an uncaught error ends the process in order with 1', async () => {
  const app = await start()
  const servers = serverPids()
  await get(app, '/throw').catch((error: unknown) => error)
  expect(await app.top.exited).toBe(1)
  expect(await gone(servers)).toBe(true)
})

test('after kill -9 the servers are found by the next start and end with it', async () => {
  const app = await start()
  const servers = serverPids()
  app.top.kill('SIGKILL')
  await app.top.exited
  expect(servers.every(isAlive)).toBe(true)
  const again = await start()
  expect(serverPids()).toEqual(servers)
  again.top.kill('SIGTERM')
  expect(await again.top.exited).toBe(0)
  expect(await gone(servers)).toBe(true)
})

test('two processes share the servers; the last one ends them', async () => {
  const [one, two] = await Promise.all([start(), start()])
  const servers = serverPids()
  one!.top.kill('SIGTERM')
  expect(await one!.top.exited).toBe(0)
  expect(servers.every(isAlive)).toBe(true)
  two!.top.kill('SIGTERM')
  expect(await two!.top.exited).toBe(0)
  expect(await gone(servers)).toBe(true)
})

test('a port that is taken is refused, and nothing is left running', async () => {
  const blocker = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const failed = Bun.spawn([process.execPath, fixture], {
    cwd: root,
    env: { PATH: '/usr/bin:/bin', PORT: String(blocker.port), DATA_DIR: dataDir, LOG_LEVEL: 'silent' },
    stdout: 'ignore',
    stderr: 'pipe',
  })
  expect(await failed.exited).not.toBe(0)
  await blocker.stop(true)
  const again = await start()
  const servers = serverPids()
  again.top.kill('SIGTERM')
  await again.top.exited
  expect(await gone(servers)).toBe(true)
})

test('the shop itself starts empty-handed, says when it is ready, and ends in order', async () => {
  const port = await freePort()
  const shop = Bun.spawn([process.execPath, join(root, 'src/server.ts')], {
    cwd: root,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
    env: {
      PATH: '/usr/bin:/bin',
      HOME: process.env['HOME'] ?? '/',
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      SEED: 'off',
    },
  })
  pids.add(shop.pid)
  while (shop.exitCode === null && !(await isReady(port))) await Bun.sleep(20)
  const servers = serverPids()
  for (const pid of servers) pids.add(pid)
  expect(shop.exitCode).toBeNull()
  shop.kill('SIGTERM')
  expect(await shop.exited).toBe(0)
  expect(await gone(servers)).toBe(true)
}, 30_000)

test('a configuration that cannot be used is told in plain lines before anything starts', async () => {
  const shop = Bun.spawn([process.execPath, join(root, 'src/server.ts')], {
    cwd: root,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production', DATA_DIR: dataDir },
  })
  expect(await shop.exited).toBe(1)
  const said = await new Response(shop.stderr).text()
  expect(said).toContain('DATABASE_URL is required in production')
  expect(said).not.toContain('    at ')
})

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    // Not listening yet, which is what the caller waits for.
    return false
  }
}

/** The chain of the one-line start: npx, its shell, `bun run`, the server. */
function chain(): { command: string[]; directory: string } {
  const project = join(dataDir, 'project')
  if (!existsSync(project)) {
    mkdirSync(project)
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  }
  // The same as in the project itself: `bun` in a script is found though PATH does not know it.
  writeFileSync(join(project, 'bunfig.toml'), '[run]\nshell = "bun"\n')
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'chain', scripts: { start: `bun ${fixture}` } }))
  return { command: [Bun.which('npx') ?? 'npx', '--no-install', '-c', `"${process.execPath}" run start`], directory: project }
}

/** From the server up to the process we started. */
function above(app: App): number[] {
  const pids = [app.pid]
  while (pids.at(-1) !== app.top.pid) pids.push(parentOf(pids.at(-1)!)!)
  return pids
}

// The chain under test begins at npx; with Bun alone there is no such chain.
test.if(Bun.which('npx') !== null).each([
  ['SIGTERM', 'npx', -1],
  ['SIGKILL', 'npx', -1],
  ['SIGTERM', 'bun run', 1],
  ['SIGKILL', 'bun run', 1],
  ['SIGTERM', 'the server', 0],
] as const)(
  '%s to %s leaves nothing of the chain behind',
  async (name, _, index) => {
    const app = await start(chain())
    const servers = serverPids()
    const processes = above(app)
    for (const pid of processes) pids.add(pid)
    signal(processes.at(index)!, name)
    expect(await gone([...processes, ...servers])).toBe(true)
  },
  20_000,
)

test('a shell that started the server in the background may end', async () => {
  const app = await start({ command: ['/bin/sh', '-c', `"${process.execPath}" "${fixture}" & `] })
  const servers = serverPids()
  expect(await app.top.exited).toBe(0)
  await Bun.sleep(1_200)
  expect((await get(app, '/')).status).toBe(200)
  signal(app.pid, 'SIGTERM')
  expect(await gone([app.pid, ...servers])).toBe(true)
})
