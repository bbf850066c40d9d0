/**
 * The machines, the listener and the way down of the real entry point without the shop on top, so that starting and stopping can be
 * tried with real processes. Prints one line of JSON when it listens.
 */
import { readConfig } from '../../src/platform/config.ts'
import { createDb } from '../../src/platform/db.ts'
import { type Answer, listen, type Listener } from '../../src/platform/listen.ts'
import { createLog } from '../../src/platform/log.ts'
import { createRedis } from '../../src/platform/redis.ts'
import { startServers } from '../../src/platform/servers.ts'
import { installShutdown } from '../../src/platform/shutdown.ts'

const config = readConfig()
const log = createLog(config.logLevel)
const servers = await startServers(config, log)
const lane = createDb({ url: servers.databaseUrl, lane: 'web', connections: 2, gateWaitMs: 1_000 })
const redis = createRedis(servers.redisUrl, log)
let isDraining = false
let release: () => void = () => {}

const answer: Answer = async (request) => {
  const { pathname } = new URL(request.url)
  if (pathname === '/stuck') return new Promise<Response>(() => {})
  if (pathname === '/throw') {
    setTimeout(() => {
      throw new Error('thrown on purpose')
    }, 0)
  }
  if (pathname === '/slow') {
    console.log(JSON.stringify({ slow: 'begun' }))
    await new Promise<void>((resolve) => (release = resolve))
    await lane.sql`select 1`
    return new Response('finished')
  }
  return new Response('here', { status: pathname === '/readyz' && isDraining ? 503 : 200 })
}
const { server, drain } = await openListener()

async function openListener(): Promise<Listener<undefined>> {
  try {
    return listen<undefined>({ port: config.port, bindAddress: config.bindAddress, websocket: { message: () => {} }, answer })
  } catch (error) {
    await Promise.all([lane.close(), redis.close()])
    await servers.stop()
    throw error
  }
}

installShutdown({
  log,
  deadlineMs: config.limits.shutdownMs + 4_000,
  watchRunners: servers.isEmbedded,
  steps: async () => [
    { name: 'readiness', run: async () => (isDraining = true) },
    { name: 'requests', run: () => (queueMicrotask(() => setTimeout(release, 150)), drain(config.limits.shutdownMs)) },
    { name: 'connections', run: () => Promise.all([lane.close(), redis.close()]) },
    { name: 'servers', run: () => servers.stop() },
  ],
})
console.log(JSON.stringify({ port: server.port, pid: process.pid }))
