import { type Bench, median } from './figure.ts'
import { startShop, withServers } from './measured-process.ts'
import { percentile, sendLoad } from './send-load.ts'
import { openGoods, placeAll } from './shop-goods.ts'

const connections = 4
const reads = 1_500
const orders = 60

/**
 * How long the catalogue takes while orders are paid by M-Pesa and it answers after four seconds; beside it the same with M-Pesa
 * well. The promise is that the ratio stays below 1.1 (design: reliability.md, G12).
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop = await startShop(database, redisUrl)
    try {
      const goods = await openGoods(database)
      const variants = await goods.variants(40, 1_000)
      const request = { method: 'GET', path: '/api/v1/products', headers: {}, body: '' }
      const read = async (count: number) =>
        (await sendLoad({ origin: shop.origin, connections, requests: Array.from({ length: count }, () => request) }, 200)).latenciesMs
      const turn = async (answerDelayMs: number): Promise<void> => {
        const answer = await fetch(`${shop.origin}/sandbox/mpesa/knobs`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ answerDelayMs }),
        })
        if (!answer.ok) throw new Error(`the knobs did not turn: ${answer.status}`)
      }
      const round = async (answerDelayMs: number) => {
        await turn(answerDelayMs)
        const checkouts = await goods.checkouts(
          shop.origin,
          Array.from({ length: orders }, (_, index) => variants[index % variants.length] ?? ''),
        )
        const [placed, latenciesMs] = await Promise.all([placeAll(shop.origin, checkouts, 1), read(reads)])
        return { catalogueMs: latenciesMs, checkoutMs: placed.latenciesMs }
      }
      await read(reads)
      await round(0)
      const rounds = { well: [await round(0)], slow: [await round(4_000)] }
      // Turn and turn about, so that a hiccup of the machine does not fall on one of them.
      for (let repeat = 0; repeat < 4; repeat++) {
        rounds.well.push(await round(0))
        rounds.slow.push(await round(4_000))
      }
      const p99 = (kind: 'well' | 'slow', what: 'catalogueMs' | 'checkoutMs'): number =>
        median(rounds[kind].map((each) => percentile(each[what], 99)))
      return (['catalogueMs', 'checkoutMs'] as const).map((what) => ({
        name: `${what === 'catalogueMs' ? 'catalogue' : 'checkout'} with a slow provider, p99`,
        value: p99('slow', what),
        unit: 'ms',
        reference: p99('well', what),
      }))
    } finally {
      await shop.end()
    }
  })
