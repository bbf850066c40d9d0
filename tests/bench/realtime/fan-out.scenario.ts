import { type Figure, pairedFigure } from '../figure.ts'
import { type BenchServer, type Generator, startServer } from './bench-process.ts'

const channels = 8
const watchersEach = 125
const rounds = 9
// A position in a turn of the loop of its own, so that nothing is merged by chance: what one delivery costs.
const alone = { messages: 160, window: 1 }
// Eight of each rider on their way at any time, as when the server is asked for all it can within a tenth of a second.
const flatOut = { messages: 640, window: 8 * channels }

type Name = 'raw' | 'ours' | 'oursWithRedis' | 'ws' | 'socketIo'
type Costs = Record<Name, number[]>

/** What one position to one watcher costs each server, with the same work for each message, turn and turn about. */
export async function fanOut(generator: Generator, redisUrl: string): Promise<Figure[]> {
  const servers: Record<Name, BenchServer> = {
    raw: await startServer('raw', 'raw.server.ts'),
    ours: await startServer('ours', 'hub.server.ts'),
    oursWithRedis: await startServer('ours with Redis', 'hub.server.ts', { BENCH_REDIS_URL: redisUrl }),
    ws: await startServer('ws', 'ws.peer.ts'),
    socketIo: await startServer('Socket.IO', 'socket-io.peer.ts'),
  }
  try {
    for (const server of Object.values(servers)) await open(generator, server)
    const single = await measure(generator, servers, alone)
    const full = await measure(generator, servers, flatOut)
    const perSecond = (costs: readonly number[]): number[] => costs.map((us) => 1e6 / us)
    const throughput = (what: string, one: Name, other: Name): Figure =>
      pairedFigure(`${what}, deliveries`, 'a processor second', perSecond(full[one]), perSecond(full[other]))
    return [
      pairedFigure('CPU a delivered position beside raw Bun publish', 'us', single.ours, single.raw),
      pairedFigure('CPU a delivered position with Redis beside raw Bun publish', 'us', single.oursWithRedis, single.raw),
      throughput('flat out beside ws', 'ours', 'ws'),
      throughput('flat out beside Socket.IO', 'ours', 'socketIo'),
      throughput('flat out with Redis beside ws', 'oursWithRedis', 'ws'),
      throughput('flat out with Redis beside Socket.IO', 'oursWithRedis', 'socketIo'),
      throughput('raw Bun publish flat out beside ws', 'raw', 'ws'),
      throughput('raw Bun publish flat out beside Socket.IO', 'raw', 'socketIo'),
      throughput('flat out beside raw Bun publish', 'ours', 'raw'),
    ]
  } finally {
    for (const server of Object.values(servers)) await server.end()
  }
}

async function measure(generator: Generator, servers: Record<Name, BenchServer>, how: typeof alone): Promise<Costs> {
  const all = Object.entries(servers) as [Name, BenchServer][]
  const costs: Costs = { raw: [], ours: [], oursWithRedis: [], ws: [], socketIo: [] }
  // The first two rounds are for every engine to make its machine code.
  for (let round = -2; round < rounds; round++) {
    const first = (round + 2) % all.length
    for (const [name, server] of [...all.slice(first), ...all.slice(0, first)]) {
      const each = await cost(generator, server, how)
      if (round >= 0) costs[name].push(each)
    }
  }
  return costs
}

async function open(generator: Generator, server: BenchServer): Promise<void> {
  const names = Array.from({ length: channels }, (_, index) => `c${index}`)
  await generator.order({
    kind: 'open',
    target: server.name,
    port: server.port,
    isSocketIo: server.isSocketIo,
    watchers: names.flatMap((name) => Array.from({ length: watchersEach }, () => name)),
    drivers: names,
  })
}

async function cost(generator: Generator, server: BenchServer, { messages, window }: typeof alone): Promise<number> {
  const before = await server.self()
  const { deliveries } = await generator.order({
    kind: 'run',
    target: server.name,
    messages,
    fanOut: watchersEach,
    pace: { window },
    isLossy: false,
  })
  const after = await server.self()
  if (deliveries !== messages * watchersEach)
    throw new Error(`${server.name}: ${deliveries} deliveries instead of ${messages * watchersEach}`)
  return (after.cpuUs - before.cpuUs) / deliveries
}
