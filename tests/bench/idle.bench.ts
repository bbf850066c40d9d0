import type { Bench } from './figure.ts'
import { residentMib, startBareServer, startShop, withServers } from './measured-process.ts'

// Long enough for start-up garbage to be collected and for the jobs to have run once.
const settleMs = 10_000

/** Resident memory of the shop's process ten seconds after it is ready; beside it a bare server's. */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const [shop, bare] = await Promise.all([startShop(database, redisUrl), startBareServer()])
    try {
      await Bun.sleep(settleMs)
      return [{ name: 'idle', value: residentMib(shop.pid), unit: 'MiB', reference: residentMib(bare.pid) }]
    } finally {
      await Promise.all([shop.end(), bare.end()])
    }
  })
