import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, serverHome, type EmbeddedServer, type ServerLog } from './embedded-server.ts'
import { commandLine, isAlive, signal, waitForExit } from './process-liveness.ts'
import { tryLock, waitForLock } from './process-lock.ts'

const waitMs = 10_000

/** How to start the embedded Redis. `auto` takes a server from PATH when there is one, else a JavaScript one inside this process. */
export interface EmbeddedRedisOptions {
  readonly dataDir: string
  readonly log: ServerLog
  readonly prefer?: 'auto' | 'server' | 'in-process'
}

/**
 * A Redis for development and tests that keeps nothing on disk: `redis-server` or `valkey-server` from PATH, shared by the
 * processes of one checkout and found again after a kill, else a server written in JavaScript in this process, for this process
 * alone. Throws when `server` is asked for and PATH has none.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedServer> {
  const { prefer = 'auto', log } = options
  const binary = prefer === 'in-process' ? null : (Bun.which('redis-server') ?? Bun.which('valkey-server'))
  if (binary !== null) return startServer(binary, options)
  if (prefer === 'server') throw new Error('Neither redis-server nor valkey-server is on PATH.')

  return startInProcess(log)
}

async function startInProcess(log: ServerLog): Promise<EmbeddedServer> {
  // Loaded only here: production has no such package and is refused long before.
  const { createRedisServer } = await import('js-redis-server')
  const redis = await createRedisServer({ port: 0 })
  const listener = redis.server.server
  // The package listens on every address; what has no password must be reached from this machine only.
  await new Promise((closed) => listener.close(closed))
  await new Promise<void>((listening, failed) => listener.once('error', failed).listen(0, '127.0.0.1', () => listening()))
  const sockets = new Set<Socket>()
  listener.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))))
  const port = redis.server.getPort()
  log.info({ port }, 'redis runs inside this process; other processes do not see it')

  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    const closed = redis.close()
    // A close waits for every client, and a client of ours may have been forgotten.
    for (const socket of sockets) socket.destroy()
    return closed
  }
  return { url: `redis://127.0.0.1:${port}`, reused: false, stop: () => (stopped ??= stop()) }
}

interface Running {
  readonly pid: number
  readonly port: number
}

async function startServer(binary: string, { dataDir, log }: EmbeddedRedisOptions): Promise<EmbeddedServer> {
  const home = serverHome({ dataDir, name: 'redis', user: undefined, log })
  const starting = await waitForLock(join(home, 'start.lock'), waitMs)
  try {
    const found = await findRunning(home, log)
    const running = found ?? (await spawnServer(binary, home, log))
    const inUse = tryLock(join(home, 'use.lock'), 'shared')
    if (inUse === undefined) throw new Error(`${join(home, 'use.lock')} is held by a process that is stopping the server.`)
    let stopped: Promise<void> | undefined
    return {
      url: `redis://127.0.0.1:${running.port}`,
      reused: found !== undefined,
      stop: () => (stopped ??= stop(home, running, inUse, log)),
    }
  } finally {
    starting.release()
  }
}

async function stop(home: string, running: Running, inUse: { release(): void }, log: ServerLog): Promise<void> {
  const stopping = await waitForLock(join(home, 'start.lock'), waitMs)
  try {
    inUse.release()
    const alone = tryLock(join(home, 'use.lock'), 'exclusive')
    if (alone === undefined) return log.info({ pid: running.pid }, 'embedded redis is left to another process')
    try {
      await stopProcess(running.pid)
      rmSync(join(home, 'server.json'), { force: true })
      log.info({ pid: running.pid }, 'embedded redis stopped')
    } finally {
      alone.release()
    }
  } finally {
    stopping.release()
  }
}

/** Ends the server at once when it does not listen to reason: it keeps nothing that could be lost. */
async function stopProcess(pid: number): Promise<void> {
  signal(pid, 'SIGTERM')
  if (await waitForExit(pid, 2_000)) return
  signal(pid, 'SIGKILL')
  if (!(await waitForExit(pid, 2_000))) throw new Error(`The embedded Redis (process ${pid}) does not stop.`)
}

async function findRunning(home: string, log: ServerLog): Promise<Running | undefined> {
  const path = join(home, 'server.json')
  if (!existsSync(path)) return undefined
  const running = JSON.parse(readFileSync(path, 'utf8')) as Running
  // A process id may have been given to somebody else since, so the port must be in the command line too.
  if (isAlive(running.pid) && new RegExp(`(redis|valkey)-server.*:${running.port}`).test(commandLine(running.pid))) {
    if ((await processIdAt(running.port)) === running.pid) {
      log.info({ ...running }, 'embedded redis found running')
      return running
    }
    const alone = tryLock(join(home, 'use.lock'), 'exclusive')
    // It may only be too busy to answer; a server that others work with is not taken from them.
    if (alone === undefined) throw new Error(`The embedded Redis (process ${running.pid}) is used by another process and does not answer.`)
    try {
      log.warn({ ...running }, 'embedded redis runs but does not answer; it will be replaced')
      await stopProcess(running.pid)
    } finally {
      alone.release()
    }
  }
  rmSync(path, { force: true })
  return undefined
}

async function spawnServer(binary: string, home: string, log: ServerLog): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const logFile = join(home, 'server.log')
    const output = openSync(logFile, 'w', 0o600)
    // Its own session, so that a Ctrl-C meant for the shop does not stop it under requests that are being finished.
    const server = Bun.spawn(
      [
        binary,
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        home,
        '--maxmemory',
        '128mb',
        '--maxmemory-policy',
        'noeviction',
      ],
      { stdin: 'ignore', stdout: output, stderr: output, detached: true, cwd: home },
    )
    closeSync(output)
    server.unref()
    const running = { pid: server.pid, port }
    // Written before it answers, so that a server whose starter is killed is found again; written aside and renamed, so that no
    // broken file is left.
    writeFileSync(join(home, 'server.json.new'), JSON.stringify(running))
    renameSync(join(home, 'server.json.new'), join(home, 'server.json'))
    if (await waitUntilReady(port, server.pid, () => server.exitCode === null && server.signalCode === null)) {
      log.info(running, 'embedded redis started')
      return running
    }
    await stopProcess(server.pid)
    const reason = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n')
    if (attempt === 3) throw new Error(`The embedded Redis does not start:\n${reason}`)
    log.warn({ reason }, 'embedded redis did not start; trying again')
  }
}

async function waitUntilReady(port: number, pid: number, runs: () => boolean): Promise<boolean> {
  const deadline = performance.now() + waitMs
  while (performance.now() < deadline) {
    if ((await processIdAt(port)) === pid) return true
    if (!runs()) return false
    await Bun.sleep(5)
  }
  return false
}

/** The process id a Redis on this port tells, or undefined when none answers within a second. */
async function processIdAt(port: number): Promise<number | undefined> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
    maxRetriesPerRequest: 0,
    protocol: 2,
  })
  const failures: Error[] = []
  client.on('error', (error) => failures.push(error))
  try {
    await client.connect()
    return Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1])
  } catch {
    // Nobody there, or somebody who does not speak: for the caller the same answer.
    return undefined
  } finally {
    client.disconnect()
  }
}
