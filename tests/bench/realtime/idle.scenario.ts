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
  return [{ name: `memory an idle socket at ${sockets}`, value: ourBytes / 1024, unit: 'KB', reference: rawBytes / 1024 }]
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
