import { parseArgs } from 'node:util'
import { buildContext } from '../context.ts'
import { readConfig } from '../platform/config.ts'
import { createLog } from '../platform/log.ts'
import { startServers } from '../platform/servers.ts'
import { growShop } from './seed/grow-shop.ts'
import { seedShop } from './seed/seed-shop.ts'

/**
 * `shop seed`: fills an empty shop with the demo data; a shop that has products is left as it is. With `--products` and `--orders` the
 * shop then grows to so many of each beside the demo's, which takes about a minute for 10,000 and 100,000.
 */
export async function fillShop(args: readonly string[]): Promise<number> {
  const wish = readWish(args)
  if (wish === undefined) {
    process.stderr.write('Use: shop seed [--products 10000] [--orders 100000]; whole numbers, orders need products.\n')
    return 1
  }
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
  if (wish.products > 0) {
    const grown = await growShop({ databaseUrl: servers.databaseUrl, ...wish })
    process.stdout.write(`Grown by ${grown.products} products and ${grown.orders} orders.\n`)
  }
  return 0
}

const most = 1_000_000

function readWish(args: readonly string[]): { products: number; orders: number } | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { products: { type: 'string', default: '0' }, orders: { type: 'string', default: '0' } },
  })
  const [products, orders] = [Number(values.products), Number(values.orders)]
  const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0 && number <= most
  return isCount(products) && isCount(orders) && (orders === 0 || products > 0) ? { products, orders } : undefined
}
