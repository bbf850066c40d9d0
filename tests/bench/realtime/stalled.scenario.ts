import { type Figure, pairedFigure } from '../figure.ts'
import { slowLimits } from '../../../src/platform/realtime/slow-consumer.ts'
import { percentile } from '../send-load.ts'
import { type Generator, startServer } from './bench-process.ts'

const watchers = 100
const stalled = watchers / 20
const messages = 900
const rounds = 5
// Long frames fill the buffers of the kernel in seconds; after that what is not read is ours to hold.
const padding = 14_000
const paceMs = 5
const cutAfterMs = slowLimits.cutAfterMs + 2_000

/**
 * What five of a hundred readers who stop reading do to the others: their p99 beside the same without them, the memory it takes, and
 * how many of the stalled were closed.
 */
export async function stalledReaders(generator: Generator): Promise<Figure[]> {
  const server = await startServer('stalled', 'hub.server.ts')
  const target = server.name
  const run = async (): Promise<number> => {
    const report = await generator.order({
      kind: 'run',
      target,
      messages,
      fanOut: watchers,
      pace: { everyMs: paceMs },
      isLossy: true,
      padding,
    })
    return percentile([...report.latenciesMs], 99)
  }
  try {
    const open = async (): Promise<void> => {
      await generator.order({
        kind: 'open',
        target,
        port: server.port,
        isSocketIo: false,
        watchers: Array.from({ length: watchers }, () => 's'),
        drivers: ['s'],
      })
    }
    await open()
    await run()
    const p99s: Record<'well' | 'beside', number[]> = { well: [], beside: [] }
    const before = (await server.self(true)).rssBytes
    let most = before
    let closed = 0
    for (let round = 0; round < rounds; round++) {
      p99s.well.push(await run())
      await generator.order({ kind: 'stall', target, count: stalled })
      p99s.beside.push(await run())
      most = Math.max(most, (await server.self(true)).rssBytes)
      // Positions are withheld from a reader who lags for five seconds before they are cut.
      await Bun.sleep(cutAfterMs)
      closed += (await generator.order({ kind: 'resume', target, count: 0 })).closedStalled
      // Those who were cut come back, as clients do.
      await generator.order({ kind: 'close', target })
      await open()
    }
    return [
      pairedFigure('p99 of healthy watchers beside 5 % who stopped reading', 'ms', p99s.beside, p99s.well),
      { name: 'memory with 5 % stalled beside without', value: most / 1024 / 1024, unit: 'MiB', reference: before / 1024 / 1024 },
      { name: 'stalled readers closed', value: closed, unit: 'sockets', reference: stalled * rounds },
    ]
  } finally {
    await server.end()
  }
}
