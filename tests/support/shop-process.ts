import { join } from 'node:path'
import { isAlive, signal, waitForExit } from '../../src/platform/process-liveness.ts'

/** A shop in a process of its own, started from the real entry point, that a test may kill. */
export interface ShopProcess {
  readonly origin: string
  readonly pid: number
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Ends it as an operator would; answers the exit code. */
  stop(): Promise<number>
}

const root = join(import.meta.dirname, '../..')

/** Starts the shop on a port and waits until it says it is ready. */
export async function startShopProcess(options: {
  port: number
  databaseUrl: string
  redisUrl: string
  environment?: Record<string, string>
}): Promise<ShopProcess> {
  const child = Bun.spawn([process.execPath, 'src/server.ts'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'test',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      SEED: 'off',
      DATA_DIR: '.data/test',
      PORT: String(options.port),
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      ...options.environment,
    },
    stdin: 'ignore',
    // Not inherited: a shop that outlives a killed test run must not hold the run's output open.
    stdout: 'ignore',
    stderr: 'ignore',
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const origin = `http://127.0.0.1:${options.port}`
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the shop ended with ${child.exitCode} before it was ready`)
    return (await statusOf(`${origin}/readyz`)) === 200
  }, 'the shop to be ready')
  return {
    origin,
    pid: child.pid,
    async kill() {
      if (isAlive(child.pid)) signal(child.pid, 'SIGKILL')
      await waitForExit(child.pid, 5_000)
    },
    async stop() {
      child.kill('SIGTERM')
      return await child.exited
    },
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status
  } catch {
    // Not listening yet; the caller asks again.
    return undefined
  }
}

/** Waits for a state by asking for it, with a deadline that only a fault reaches. */
export async function until(holds: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await Bun.sleep(5)
  }
}
