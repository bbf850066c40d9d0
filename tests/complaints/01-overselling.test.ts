import { afterAll, beforeAll, expect, test } from 'bun:test'
import { freePort } from '../../src/platform/embedded-server.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { checkoutBody } from '../support/actors.ts'
import { testRedisUrl } from '../support/database.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { type ShopProcess, startShopProcess } from '../support/shop-process.ts'

let shop: TestShop
const processes: ShopProcess[] = []
beforeAll(async () => {
  shop = await openShop()
  const redisUrl = await testRedisUrl()
  for (let count = 0; count < 2; count++)
    processes.push(await startShopProcess({ port: await freePort(), databaseUrl: shop.database.url, redisUrl }))
}, 60_000)
afterAll(async () => {
  for (const each of processes) await each.stop()
  await shop.close()
})

const json = { 'content-type': 'application/json' }

/** Buys one piece as a guest; a busy shop is asked again with the same key, as a browser does. */
async function buyOne(origin: string, variantId: string): Promise<number> {
  const key = crypto.randomUUID()
  const insist = async (send: () => Promise<Response>): Promise<Response> => {
    for (;;) {
      const answer = await send()
      if (answer.status !== 503) return answer
      await answer.arrayBuffer()
    }
  }
  const added = await insist(() =>
    fetch(`${origin}/api/v1/cart/lines`, { method: 'POST', headers: json, body: JSON.stringify({ variantId, quantity: 1 }) }),
  )
  // Somebody who comes late finds it sold out already at the shelf.
  if (added.status !== 201) return added.status
  const cookie = (added.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  const placed = await insist(() =>
    fetch(`${origin}/api/v1/checkout`, {
      method: 'POST',
      headers: { ...json, cookie, 'idempotency-key': key },
      body: JSON.stringify(checkoutBody()),
    }),
  )
  return placed.status
}

// vendurehq/vendure#1738, medusajs/medusa#16502, saleor/saleor#543, spree/spree#3808
test('complaint 1, overselling: of 200 buyers at once for 50 pieces at two processes exactly 50 get one', async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 30, mombasaStock: 20 })
  const statuses = await Promise.all(Array.from({ length: 200 }, (_, index) => buyOne(processes[index % 2]?.origin ?? '', variantId)))
  expect(statuses.filter((status) => status === 201)).toHaveLength(50)
  expect(statuses.filter((status) => status === 409)).toHaveLength(150)
  const levels = await shop.database
    .sql`select sum(on_hand)::int as on_hand, sum(reserved)::int as reserved from stock_levels where variant_id = ${variantId}`
  expect([...levels]).toEqual([{ on_hand: 50, reserved: 50 }])
  const lines = await shop.database.sql`select sum(quantity)::int as pieces from order_lines where variant_id = ${variantId}`
  expect([...lines]).toEqual([{ pieces: 50 }])
  expect(await checkInvariants(shop.database.db)).toEqual([])
}, 120_000)

test('complaint 1, overselling: whatever the code does, the database sells no piece twice', async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 3 })
  const { sql } = shop.database
  const overdraw = async (): Promise<unknown> =>
    await sql`update stock_levels set reserved = reserved + 4 where variant_id = ${variantId} and warehouse_id = ${shop.catalogue.nairobiId}`
  expect(overdraw()).rejects.toThrow('stock_levels_never_oversold')
  expect(sql`update stock_moves set delta = 100 where variant_id = ${variantId}`.execute()).rejects.toThrow('append-only')
  expect(sql`delete from stock_moves where variant_id = ${variantId}`.execute()).rejects.toThrow('append-only')
})
