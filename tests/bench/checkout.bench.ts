import type { BareReport } from './bare-order.ts'
import type { Bench } from './figure.ts'
import { startShop, withServers } from './measured-process.ts'
import { askProcess, percentile } from './send-load.ts'
import { openGoods, placeAll } from './shop-goods.ts'

const connections = 8
const orders = 400
// As many as tests/checkout/order-statements.test.ts allows an order, begin and commit aside.
const statementsOfAnOrder = 13

/**
 * Checkouts a second through HTTP, of things spread over many shelves and of one thing everybody wants; beside them transactions
 * of as many single-row inserts by a bare script. The shop's outbox pushes the payments to the simulated M-Pesa meanwhile.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop = await startShop(database, redisUrl)
    try {
      const goods = await openGoods(database)
      const spread = await goods.variants(40, orders)
      const [hot = ''] = await goods.variants(1, 3 * orders)
      const run = async (variantOf: (index: number) => string, count = orders) =>
        await placeAll(
          shop.origin,
          await goods.checkouts(
            shop.origin,
            Array.from({ length: count }, (_, index) => variantOf(index)),
          ),
          connections,
        )
      // Connections, plans and code are warm before anything counts.
      await run((index) => spread[index % spread.length] ?? '', 80)
      const wide = await run((index) => spread[index % spread.length] ?? '')
      const narrow = await run(() => hot)
      await database.sql`create table bench_rows (id bigint generated always as identity primary key, body text not null)`
      const bare = await askProcess<BareReport>('bare-statements.ts', {
        url: database.url,
        connections,
        isTransaction: true,
        statements: Array.from({ length: statementsOfAnOrder }, () => 'insert into bench_rows (body) values ($1)'),
        rows: Array.from({ length: orders }, (_, index) => [`row ${index} ${'x'.repeat(200)}`]),
      })
      const barePerSecond = (orders / bare.tookMs) * 1_000
      return [
        { name: 'checkouts, spread', value: wide.perSecond, unit: '/s', reference: barePerSecond },
        {
          name: 'checkouts, spread, p99',
          value: percentile(wide.latenciesMs, 99),
          unit: 'ms',
          reference: percentile(bare.latenciesMs, 99),
        },
        { name: 'checkouts, one hot variant', value: narrow.perSecond, unit: '/s', reference: barePerSecond },
        {
          name: 'checkouts, one hot variant, p99',
          value: percentile(narrow.latenciesMs, 99),
          unit: 'ms',
          reference: percentile(bare.latenciesMs, 99),
        },
      ]
    } finally {
      await shop.end()
    }
  })
