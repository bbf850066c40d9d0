import type { BareReport, BareTransactions } from './bare-order.ts'
import { type Bench, type Figure, median } from './figure.ts'
import { startShop, withServers } from './measured-process.ts'
import { recordOrders } from './record-orders.ts'
import { askProcess, percentile } from './send-load.ts'
import { openGoods, placeAll } from './shop-goods.ts'

const connections = 8
const orders = 120
const warmUp = 40
// Turn and turn about, so that a hiccup of the machine falls on neither.
const rounds = 5

/**
 * Checkouts a second through HTTP, of things spread over many shelves and of one thing everybody wants; beside them the very same
 * statements, recorded from the shop, sent by a bare script over as many connections. The promise is half its rate. The shop's outbox
 * pushes the payments to the simulated M-Pesa meanwhile, which the bare script does not.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop = await startShop(database, redisUrl)
    try {
      const goods = await openGoods(database)
      const spread = await goods.variants(40, 10 * rounds * (orders + warmUp))
      const [hot = ''] = await goods.variants(1, 4 * rounds * (orders + warmUp))
      const kinds = [
        { name: 'checkouts, spread', variantOf: (index: number) => spread[index % spread.length] ?? '' },
        { name: 'checkouts, one hot variant', variantOf: () => hot },
      ]
      const figures: Figure[] = []
      for (const { name, variantOf } of kinds) {
        const bags = (count: number) =>
          goods.checkouts(
            shop.origin,
            Array.from({ length: count }, (_, index) => variantOf(index)),
          )
        const measured: { shop: Speed[]; bare: Speed[] } = { shop: [], bare: [] }
        for (let round = 0; round < rounds; round++) {
          const recorded = await recordOrders(database, redisUrl, await bags(warmUp + orders))
          const bare = await askProcess<BareReport>('bare-replay.ts', {
            url: database.url,
            connections,
            warmUp: recorded.slice(0, warmUp),
            transactions: recorded.slice(warmUp),
          } satisfies BareTransactions)
          measured.bare.push({ perSecond: (orders / bare.tookMs) * 1_000, p99: percentile(bare.latenciesMs, 99) })
          await placeAll(shop.origin, await bags(warmUp), connections)
          const placed = await placeAll(shop.origin, await bags(orders), connections)
          measured.shop.push({ perSecond: placed.perSecond, p99: percentile(placed.latenciesMs, 99) })
        }
        const middle = (kind: 'shop' | 'bare', what: keyof Speed): number => median(measured[kind].map((each) => each[what]))
        figures.push({ name, value: middle('shop', 'perSecond'), unit: '/s', reference: middle('bare', 'perSecond') })
        figures.push({ name: `${name}, p99`, value: middle('shop', 'p99'), unit: 'ms', reference: middle('bare', 'p99') })
      }
      return figures
    } finally {
      await shop.end()
    }
  })

interface Speed {
  readonly perSecond: number
  readonly p99: number
}
