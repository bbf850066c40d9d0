import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createMetrics } from '../../src/platform/metrics.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openShopWithoutServers } from '../support/shop-without-servers.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** The value of one series of a scrape; undefined when it is not there. */
async function series(line: string): Promise<number | undefined> {
  const text = await (await shop.fetch('/metrics')).text()
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

test('a request is counted under the template of its route and never under its address', async () => {
  await shop.fetch('/api/v1/orders/RAH-CANARY1?token=canary-token-canary')
  expect(await series('http_request_duration_seconds_count{method="GET",route="/api/v1/orders/:number",status="404"}')).toBe(1)
  const text = await (await shop.fetch('/metrics')).text()
  expect(text).not.toContain('RAH-CANARY1')
  expect(text).not.toContain('canary-token')
})

test('addresses and methods that do not exist share one series, so that a stranger cannot fill the memory', async () => {
  for (const path of ['/nowhere-1', '/nowhere-2', '/nowhere/3']) await shop.fetch(path)
  await shop.fetch('/nowhere-4', { method: 'BREW' })
  const text = await (await shop.fetch('/metrics')).text()
  expect(text).not.toContain('nowhere')
  expect(text).not.toContain('BREW')
})

test('a request that its schema refuses is counted under its route too', async () => {
  await shop.fetch('/api/v1/products?limit=900')
  expect(await series('http_request_duration_seconds_count{method="GET",route="/api/v1/products",status="422"}')).toBe(1)
})

test('what waits in the shop is told: an unpaid order, a dead message, an open break', async () => {
  const { sql } = shop.database
  await sql`insert into outbox (id, topic, dedupe_key, payload, available_at, dead_at) values (${shop.context.ids.next()}, 'mpesa.start', 'metrics-test', '{}', now(), now())`
  // Figures of the database are kept for ten seconds; a shop beside this one has not asked yet.
  const other = await openShop({ beside: shop })
  const text = await (await other.fetch('/metrics')).text()
  await other.close()
  expect(text).toContain('shop_outbox_given_up{topic="mpesa.start"} 1')
  expect(text).toContain('shop_orders_awaiting_payment 0')
  expect(text).toContain('shop_db_connections_in_use{lane="pay"}')
  expect(text).toContain('# TYPE shop_sockets_closed_total counter')
})

test('a figure that cannot be read is left out and counted, and the rest is told', async () => {
  const metrics = createMetrics()
  metrics.expose(
    { name: 'broken', help: 'Fails.', read: () => Promise.reject(new Error('away')) },
    { name: 'whole', help: 'Works.', read: () => [{ labels: {}, value: 7 }] },
  )
  const { text } = await metrics.render()
  expect(text).toContain('whole 7')
  expect(text).not.toMatch(/^broken /m)
  expect((await metrics.render()).text).toMatch(/shop_metrics_source_failures_total\{name="broken"\} [12]/)
})

const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://shop.rahim.co.ke',
  APP_SECRET: 'Vq7Zr2mKd9Xw4Ht8Lp3Ns6Bf1Yc5Gj0RuTe',
  DATABASE_URL: 'postgres://shop@127.0.0.1:1/shop',
  REDIS_URL: 'redis://127.0.0.1:1',
}
const metricsToken = 'Mt4Kx8Wq2Zp6Rn1Ld9Vh3Bs7Yc5Gj0FuTe'

const scrape = (closed: ReturnType<typeof openShopWithoutServers>, headers: Record<string, string> = {}) =>
  closed.fetch('/metrics', { headers: { host: 'shop.rahim.co.ke', ...headers } })

test('in production without a token there are no metrics; with one, only for its bearer', async () => {
  const closed = openShopWithoutServers(production)
  expect((await scrape(closed)).status).toBe(404)
  await closed.close()
  const open = openShopWithoutServers({ ...production, METRICS_TOKEN: metricsToken })
  expect((await scrape(open)).status).toBe(401)
  expect((await scrape(open, { authorization: 'Bearer not-it' })).status).toBe(401)
  const answer = await scrape(open, { authorization: `Bearer ${metricsToken}` })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toStartWith('text/plain')
  await open.close()
})
