import { type Bench, median } from './figure.ts'
import { type MeasuredProcess, startBareServer, startShop, withServers } from './measured-process.ts'

const rounds = 5

/** Time to the first /readyz 200 on a migrated database; beside it a bare server's first answer. */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop: number[] = []
    const bare: number[] = []
    // The first round of each warms the file cache and is thrown away.
    for (let round = 0; round <= rounds; round++) {
      const times = [await time(() => startShop(database, redisUrl)), await time(startBareServer)] as const
      if (round === 0) continue
      shop.push(times[0])
      bare.push(times[1])
    }
    return [{ name: 'start', value: median(shop), unit: 'ms', reference: median(bare) }]
  })

async function time(start: () => Promise<MeasuredProcess>): Promise<number> {
  const server = await start()
  await server.end()
  return server.startMs
}
