import { type Bench, median } from './figure.ts'
import { startProviders, startShop, withServers } from './measured-process.ts'
import { percentile, sendLoad } from './send-load.ts'
import { openGoods, placeAll } from './shop-goods.ts'

const connections = 4
const reads = 1_000
const orders = 40
const slowMs = 4_000
const pairs = 5

interface Round {
  readonly catalogueMs: readonly number[]
  readonly checkoutMs: readonly number[]
  readonly otherCheckoutMs: readonly number[]
  /** From the order to the other provider's page that pays it. */
  readonly otherStartMs: readonly number[]
}

/**
 * How long the catalogue, the checkout and another provider take while orders are paid by an M-Pesa that answers after four seconds;
 * beside it the same with M-Pesa well. The providers are a process of their own. The promise is that the ratio of the catalogue stays
 * below 1.1 (design: reliability.md, G12). Then what became of the payments that waited: none may have failed by a clock of ours.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const providers = await startProviders()
    const shop = await startShop(database, redisUrl, { ...providers.environment, THROTTLES: 'off' })
    try {
      const goods = await openGoods(database)
      const variants = await goods.variants(40, 2_000)
      const wishes = Array.from({ length: orders }, (_, index) => variants[index % variants.length] ?? '')
      const request = { method: 'GET', path: '/api/v1/products', headers: {}, body: '' }
      const read = async () =>
        (await sendLoad({ origin: shop.origin, connections, requests: Array.from({ length: reads }, () => request) }, 200)).latenciesMs
      const turn = async (answerDelayMs: number): Promise<void> => {
        const answer = await fetch(`${providers.origin}/sandbox/mpesa/knobs`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ answerDelayMs }),
        })
        if (!answer.ok) throw new Error(`the knobs did not turn: ${answer.status}`)
      }
      const startsOf = async (ids: readonly string[]): Promise<number[]> => {
        for (;;) {
          const rows = await database.sql<{ ms: number | null }[]>`
            select extract(epoch from min(e.created_at) filter (where e.effect = 'accepted') - t.created_at)::float8 * 1000 as ms
            from transactions t left join transaction_events e on e.transaction_id = t.id where t.id = any(${[...ids]}::uuid[]) group by t.id`
          if (rows.every(({ ms }) => ms !== null)) return rows.map(({ ms }) => ms ?? Number.NaN)
          await Bun.sleep(20)
        }
      }
      const round = async (answerDelayMs: number): Promise<Round> => {
        await turn(answerDelayMs)
        const [byPhone, byPage] = [
          await goods.checkouts(shop.origin, wishes),
          await goods.checkouts(shop.origin, wishes, undefined, 'paystack'),
        ]
        const [placed, other, catalogueMs] = await Promise.all([
          placeAll(shop.origin, byPhone, 1),
          placeAll(shop.origin, byPage, 1),
          read(),
        ])
        return {
          catalogueMs,
          checkoutMs: placed.latenciesMs,
          otherCheckoutMs: other.latenciesMs,
          otherStartMs: await startsOf(other.transactionIds),
        }
      }
      await round(0)
      const rounds: { readonly well: Round[]; readonly slow: Round[] } = { well: [], slow: [] }
      // Turn and turn about, so that a hiccup of the machine does not fall on one of them.
      for (let pair = 0; pair < pairs; pair++) {
        rounds.well.push(await round(0))
        rounds.slow.push(await round(slowMs))
      }
      const at = (kind: 'well' | 'slow', what: keyof Round, percent: number): number =>
        median(rounds[kind].map((each) => percentile(each[what], percent)))
      const figures = (
        [
          ['catalogueMs', 'catalogue'],
          ['checkoutMs', 'checkout by the slow provider'],
          ['otherCheckoutMs', 'checkout by another provider'],
          ['otherStartMs', 'start of another provider'],
        ] as const
      ).flatMap(([what, name]) =>
        ([50, 99] as const).map((percent) => ({
          name: `${name} beside a slow provider, p${percent}`,
          value: at('slow', what, percent),
          unit: 'ms',
          reference: at('well', what, percent),
        })),
      )
      const [ended] = await database.sql<{ failed: number; all: number }[]>`
        select count(*) filter (where state in ('failed', 'expired'))::int as failed, count(*)::int as all from transactions where provider = 'mpesa'`
      return [
        ...figures,
        { name: 'payments given up while the provider was slow', value: ended?.failed ?? -1, unit: '', reference: ended?.all ?? 0 },
      ]
    } finally {
      await shop.end()
      await providers.end()
    }
  })
