import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { type FreshDatabase, freshDatabase, stopTestServers, testRedisUrl } from '../support/database.ts'

const root = join(import.meta.dirname, '../..')

/** A server process that has just answered. */
export interface MeasuredProcess {
  readonly pid: number
  readonly origin: string
  /** From the start of the process to its first good answer. */
  readonly startMs: number
  end(): Promise<void>
}

/** Starts the real shop on a migrated database and waits for /readyz 200. */
export const startShop = (database: FreshDatabase, redisUrl: string, environment: Record<string, string> = {}): Promise<MeasuredProcess> =>
  measure([process.execPath, join(root, 'src/server.ts')], '/readyz', {
    NODE_ENV: 'development',
    SEED: 'off',
    LOG_LEVEL: 'error',
    // One sender is the whole load here.
    THROTTLES: 'off',
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    DATA_DIR: '.data/bench',
    ...environment,
  })

/** Starts the simulated providers in a process of their own; `environment` is what a shop needs to use them. */
export async function startProviders(): Promise<MeasuredProcess & { readonly environment: Record<string, string> }> {
  const running = await measure([process.execPath, join(import.meta.dirname, 'provider-process.ts')], '/sandbox/mpesa/knobs', {
    NODE_ENV: 'development',
  })
  return {
    ...running,
    environment: { MPESA_BASE_URL: `${running.origin}/sandbox/mpesa`, PAYSTACK_BASE_URL: `${running.origin}/sandbox/paystack` },
  }
}

/** Starts the least a Bun server can be. */
export const startBareServer = (): Promise<MeasuredProcess> =>
  measure(
    [process.execPath, '-e', `Bun.serve({ port: Number(process.env.PORT), hostname: '127.0.0.1', fetch: () => new Response('ok') })`],
    '/',
    {},
  )

/** Starts a server that answers one path with the same bytes and headers, from a static route: as fast as Bun can. */
export async function startStaticServer(path: string, body: Uint8Array, headers: Record<string, string>): Promise<MeasuredProcess> {
  const file = join(root, '.data/bench/static-page')
  await Bun.write(file, body)
  const { 'content-length': _, date: __, ...kept } = headers
  const source = `
    const page = await Bun.file(process.env.PAGE).bytes()
    Bun.serve({
      port: Number(process.env.PORT),
      hostname: '127.0.0.1',
      routes: { [process.env.ROUTE]: new Response(page, { headers: JSON.parse(process.env.HEADERS) }), '/': new Response('ok') },
    })`
  return measure([process.execPath, '-e', source], '/', { PAGE: file, ROUTE: path, HEADERS: JSON.stringify(kept) })
}

async function measure(command: string[], path: string, environment: Record<string, string>): Promise<MeasuredProcess> {
  const port = await freePort()
  const began = performance.now()
  const server = Bun.spawn(command, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', PORT: String(port), ...environment },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await isGood(`${origin}${path}`))) {
    if (server.exitCode !== null) throw new Error(`${command.join(' ')} ended with ${server.exitCode}`)
    await Bun.sleep(2)
  }
  const startMs = performance.now() - began
  return {
    pid: server.pid,
    origin,
    startMs,
    async end() {
      server.kill('SIGTERM')
      await server.exited
    },
  }
}

async function isGood(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Not listening yet, which is what the caller waits for.
    return false
  }
}

/** Resident memory of one process in MiB. */
export function residentMib(pid: number): number {
  if (process.platform === 'linux') return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  return Number(Bun.spawnSync(['ps', '-o', 'rss=', '-p', String(pid)]).stdout.toString()) / 1024
}

/** Gives a benchmark a migrated database and a Redis, and takes them away afterwards. */
export async function withServers<Result>(work: (database: FreshDatabase, redisUrl: string) => Promise<Result>): Promise<Result> {
  const database = await freshDatabase()
  try {
    return await work(database, await testRedisUrl())
  } finally {
    await database.drop()
    await stopTestServers()
  }
}
