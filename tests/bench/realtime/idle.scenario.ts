import { readFileSync } from 'node:fs'
import { freePort } from '../../../src/platform/embedded-server.ts'
import { crew, packed } from '../../delivery/delivery-story.ts'
import { testRedisUrl } from '../../support/database.ts'
import { openShop } from '../../support/shop.ts'
import { startShopProcess } from '../../support/shop-process.ts'
import type { Figure } from '../figure.ts'
import { type BenchServer, type Generator, startServer } from './bench-process.ts'

const sockets = 10_000
// Two look at each delivery: the shopper and somebody they have sent a link.
const channels = sockets / 2

/** Memory of the process for one socket that only listens, at ten thousand; beside a server that does nothing but hold them. */
export async function idleSockets(generator: Generator): Promise<Figure[]> {
  const raw = await startServer('raw idle', 'raw.server.ts')
  const rawBytes = await bytesEach(generator, raw)
  await raw.end()
  const ours = await startServer('our idle', 'hub.server.ts')
  const ourBytes = await bytesEach(generator, ours)
  await ours.end()
  const shopBytes = await bytesEachInTheShop(generator)
  return [
    { name: `memory an idle socket of the hub at ${sockets}`, value: ourBytes / 1024, unit: 'KB', reference: rawBytes / 1024 },
    { name: `memory an idle socket of the whole shop at ${sockets}`, value: shopBytes / 1024, unit: 'KB', reference: rawBytes / 1024 },
  ]
}

/** The same with the real process: watchers by link on deliveries of a real database, let in by the real door. */
async function bytesEachInTheShop(generator: Generator): Promise<number> {
  const shop = await openShop()
  const people = await crew(shop)
  const paths: string[] = []
  for (let made = 0; made < 20; made++) {
    const story = await packed(shop, people.staff)
    paths.push(`/ws/delivery/track/${story.id}?token=${story.order.token}`)
  }
  const port = await freePort()
  const environment = { SOCKETS_PER_ADDRESS: '100000', BIND_ADDRESS: '0.0.0.0' }
  const running = await startShopProcess({ port, databaseUrl: shop.database.url, redisUrl: await testRedisUrl(), environment })
  const target = 'whole shop'
  const open = (name: string, count: number) =>
    generator.order({
      kind: 'open',
      target: name,
      port,
      isSocketIo: false,
      watchers: Array.from({ length: count }, (_, index) => paths[index % paths.length] ?? ''),
      drivers: [],
    })
  const resident = async (): Promise<number> => {
    let least = Number.POSITIVE_INFINITY
    for (let look = 0; look < 10; look++) {
      await Bun.sleep(1_000)
      least = Math.min(least, Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[1]) * 1024)
    }
    return least
  }
  try {
    await open(`${target} warm`, 500)
    const before = await resident()
    await open(target, sockets)
    return ((await resident()) - before) / sockets
  } finally {
    await generator.order({ kind: 'close', target })
    await generator.order({ kind: 'close', target: `${target} warm` })
    await running.kill()
    await shop.close()
  }
}

async function bytesEach(generator: Generator, server: BenchServer): Promise<number> {
  const open = (target: string, count: number) =>
    generator.order({
      kind: 'open',
      target,
      port: server.port,
      isSocketIo: false,
      watchers: Array.from({ length: count }, (_, index) => `i${index % channels}`),
      drivers: [],
    })
  // What the first sockets of a process cost once is not theirs.
  await open(`${server.name} warm`, 200)
  const before = await settled(server)
  await open(server.name, sockets)
  const after = await settled(server)
  await generator.order({ kind: 'close', target: server.name })
  await generator.order({ kind: 'close', target: `${server.name} warm` })
  return (after - before) / sockets
}

/** Resident memory after the garbage of opening is gone. */
async function settled(server: BenchServer): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 6; look++) {
    await Bun.sleep(500)
    least = Math.min(least, (await server.self(true)).rssBytes)
  }
  return least
}
