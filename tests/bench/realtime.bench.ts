import { stopTestServers, testRedisUrl } from '../support/database.ts'
import type { Bench } from './figure.ts'
import { startGenerator } from './realtime/bench-process.ts'
import { dashboards } from './realtime/dashboards.scenario.ts'
import { fanOut } from './realtime/fan-out.scenario.ts'
import { idleSockets } from './realtime/idle.scenario.ts'
import { stalledReaders } from './realtime/stalled.scenario.ts'

/**
 * The live channel beside its limit, which is Bun's own fan-out with nothing around it, and beside the libraries others use, all in
 * one run (design: realtime.md 6.5). Costs are the server's own processor time, so that a busy machine does not change them.
 */
export const bench: Bench = async () => {
  const generator = await startGenerator()
  try {
    return [
      ...(await fanOut(generator, await testRedisUrl())),
      ...(await dashboards(generator)),
      ...(await idleSockets(generator)),
      ...(await stalledReaders(generator)),
    ]
  } finally {
    await generator.end()
    await stopTestServers()
  }
}
