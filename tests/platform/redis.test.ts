import { afterEach, describe, expect, test } from 'bun:test'
import type { Redis } from 'ioredis'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedRedis } from '../../src/platform/embedded-redis.ts'
import type { EmbeddedServer } from '../../src/platform/embedded-server.ts'
import { createLog } from '../../src/platform/log.ts'
import { isAlive, signal, waitForExit } from '../../src/platform/process-liveness.ts'
import { createRedis, type RedisClients } from '../../src/platform/redis.ts'
import { quietLog } from '../support/database.ts'

const hasServer = Bun.which('redis-server') !== null || Bun.which('valkey-server') !== null
const log = createLog('silent')
const servers: EmbeddedServer[] = []
const clients: RedisClients[] = []
const directories: string[] = []

afterEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.close()))
  await Promise.all(servers.splice(0).map((one) => one.stop()))
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'rahim-redis-'))
  directories.push(path)
  return path
}
const start = async (dataDir: string, prefer: 'server' | 'in-process'): Promise<EmbeddedServer> => {
  const server = await startEmbeddedRedis({ dataDir, log: quietLog, prefer })
  servers.push(server)
  return server
}
const connect = async (url: string): Promise<RedisClients> => {
  const redis = createRedis(url, log)
  clients.push(redis)
  await Promise.all([redis.command, redis.publisher, redis.subscriber].map(isReady))
  return redis
}
const isReady = (client: Redis): Promise<void> =>
  client.status === 'ready' ? Promise.resolve() : new Promise((resolve) => client.once('ready', () => resolve()))
const pidIn = (dataDir: string): number => (JSON.parse(readFileSync(join(dataDir, 'redis/server.json'), 'utf8')) as { pid: number }).pid

describe.each(hasServer ? (['server', 'in-process'] as const) : (['in-process'] as const))('redis %s', (prefer) => {
  test('keeps counters, expiry and sorted positions, and carries messages', async () => {
    const redis = await connect((await start(directory(), prefer)).url)
    expect(await redis.healthy()).toBe(true)
    const heard = new Promise((resolve) => redis.subscriber.once('message', (channel, text) => resolve([channel, text])))
    await redis.subscriber.subscribe('live:x')
    await redis.publisher.publish('live:x', 'hello')
    expect(await heard).toEqual(['live:x', 'hello'])
    expect(await redis.command.incr('hits')).toBe(1)
    expect(await redis.command.set('once', '1', 'PX', 60_000, 'NX')).toBe('OK')
    expect(await redis.command.set('once', '1', 'PX', 60_000, 'NX')).toBeNull()
    expect(await redis.command.eval("return redis.call('incrby', KEYS[1], ARGV[1])", 1, 'hits', 4)).toBe(5)
  })

  test('listens on the loopback address only', async () => {
    const { port } = new URL((await start(directory(), prefer)).url)
    // The same port on every address is still free for somebody else only when nobody listens there already.
    const other = createServer()
    await new Promise<void>((resolve, reject) => other.once('error', reject).listen(Number(port), '127.0.0.2', resolve))
    await new Promise((resolve) => other.close(resolve))
  })
})

test('a process without Redis starts, and every command says so at once', async () => {
  const redis = createRedis('redis://127.0.0.1:1', log)
  clients.push(redis)
  // Nothing is queued until Redis comes: the failure is here before the first attempt to connect has had its time.
  const failure = await redis.command.get('x').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(await redis.healthy()).toBe(false)
  expect(redis.command.options.enableOfflineQueue).toBe(false)
})

// Needs a redis-server to freeze or kill; a machine without one tests the in-process server above, and CI installs one.
describe.if(hasServer)('a redis server of its own', () => {
  test('that is frozen rejects commands within the command time-out and serves again when it thaws', async () => {
    const dataDir = directory()
    const redis = await connect((await start(dataDir, 'server')).url)
    const pid = pidIn(dataDir)
    signal(pid, 'SIGSTOP')
    try {
      const failures = await Promise.all(
        [redis.command.get('x'), redis.publisher.publish('c', 'x')].map((one) => one.catch((error: Error) => error.message)),
      )
      expect(failures).toEqual(['Command timed out', 'Command timed out'])
      expect(await redis.healthy()).toBe(false)
    } finally {
      signal(pid, 'SIGCONT')
    }
    while (!(await redis.healthy())) await isReady(redis.command)
    expect(await redis.command.set('x', '1')).toBe('OK')
  })

  test('that is killed and comes back on the same port is used again, subscriptions included', async () => {
    const dataDir = directory()
    const { url } = await start(dataDir, 'server')
    const redis = await connect(url)
    await redis.subscriber.subscribe('live:y')
    const lost = new Promise((resolve) => redis.command.once('close', resolve))
    const pid = pidIn(dataDir)
    signal(pid, 'SIGKILL')
    await lost
    expect(await redis.command.get('x').catch((error: unknown) => error)).toBeInstanceOf(Error)
    await waitForExit(pid, 5_000)

    const back = Promise.all(
      [redis.publisher, redis.subscriber].map((client) => new Promise<void>((resolve) => client.once('ready', () => resolve()))),
    )
    const again = Bun.spawn(
      [Bun.which('redis-server') ?? 'valkey-server', '--port', new URL(url).port, '--bind', '127.0.0.1', '--save', ''],
      { stdout: 'ignore', stderr: 'ignore' },
    )
    try {
      const heard = new Promise((resolve) => redis.subscriber.once('message', (_, text) => resolve(text)))
      await back
      await redis.subscriber.subscribe('live:y')
      await redis.publisher.publish('live:y', 'back')
      expect(await heard).toBe('back')
    } finally {
      again.kill('SIGKILL')
      await again.exited
    }
  })

  test('is found again, is left running for another user, and ends with the last', async () => {
    const dataDir = directory()
    const first = await start(dataDir, 'server')
    const second = await start(dataDir, 'server')
    const pid = pidIn(dataDir)
    expect([first.reused, second.reused, second.url]).toEqual([false, true, first.url])
    await first.stop()
    expect(isAlive(pid)).toBe(true)
    await second.stop()
    expect([isAlive(pid), existsSync(join(dataDir, 'redis/server.json'))]).toEqual([false, false])
  })

  test('whose record names a process that is somebody else is started anew', async () => {
    const dataDir = directory()
    await (await start(dataDir, 'server')).stop()
    await Bun.write(join(dataDir, 'redis/server.json'), JSON.stringify({ pid: process.pid, port: 1 }))
    const server = await start(dataDir, 'server')
    expect([server.reused, pidIn(dataDir) === process.pid]).toEqual([false, false])
  })
})
