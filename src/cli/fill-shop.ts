import { buildContext } from '../context.ts'
import { readConfig } from '../platform/config.ts'
import { createLog } from '../platform/log.ts'
import { startServers } from '../platform/servers.ts'
import { seedShop } from './seed/seed-shop.ts'

/** `shop seed`: fills an empty shop with the demo data. A shop that has products is left as it is. */
export async function fillShop(): Promise<number> {
  const config = readConfig()
  if (config.isProduction) {
    process.stderr.write('The demo data is not for production: its accounts have a published password.\n')
    return 1
  }
  const log = createLog('warn')
  await using opened = new AsyncDisposableStack()
  const servers = await startServers(config, log)
  opened.defer(() => servers.stop())
  const built = buildContext(config, servers, { log, withoutCron: true })
  opened.defer(() => built.dispose())
  const seeded = await seedShop(built.context)
  process.stdout.write(
    seeded.products === 0
      ? 'The shop has products already; nothing was changed.\n'
      : `Filled: ${seeded.products} products, ${seeded.variants} variants, ${seeded.pictures} pictures, ${seeded.people} people.\n`,
  )
  return 0
}
