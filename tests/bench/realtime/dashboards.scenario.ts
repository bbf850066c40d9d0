import { type Figure, pairedFigure } from '../figure.ts'
import { type BenchServer, type Generator, startServer } from './bench-process.ts'

// Twenty dispatch boards that see a thousand riders each, who send in turn, a thousand positions a second together.
const boards = 20
const riders = 1_000
const rounds = 5

/** What one position on one board costs, with the positions of a tick in one write, beside a write for each. */
export async function dashboards(generator: Generator): Promise<Figure[]> {
  const raw = await startServer('raw boards', 'raw.server.ts')
  const ours = await startServer('our boards', 'hub.server.ts')
  try {
    for (const server of [raw, ours]) await open(generator, server)
    const costs: Record<'raw' | 'ours', number[]> = { raw: [], ours: [] }
    for (let round = -1; round < rounds; round++) {
      const [one, other] = [await cost(generator, raw), await cost(generator, ours)]
      if (round < 0) continue
      costs.raw.push(one)
      costs.ours.push(other)
    }
    return [pairedFigure('CPU a position on a dispatch board, many in one write, beside raw publish for each', 'us', costs.ours, costs.raw)]
  } finally {
    await raw.end()
    await ours.end()
  }
}

async function open(generator: Generator, server: BenchServer): Promise<void> {
  const names = Array.from({ length: riders }, (_, index) => `r${index}`)
  await generator.order({
    kind: 'open',
    target: server.name,
    port: server.port,
    isSocketIo: false,
    watchers: Array.from({ length: boards }, () => names.join(',')),
    drivers: names,
  })
}

async function cost(generator: Generator, server: BenchServer): Promise<number> {
  const before = await server.self()
  const { deliveries } = await generator.order({
    kind: 'run',
    target: server.name,
    messages: riders,
    fanOut: boards,
    pace: { everyMs: 1 },
    isLossy: true,
  })
  const after = await server.self()
  // Each rider sends once, so nothing may be coalesced away.
  if (deliveries !== riders * boards) throw new Error(`${server.name}: ${deliveries} deliveries instead of ${riders * boards}`)
  return (after.cpuUs - before.cpuUs) / deliveries
}
