import { afterAll, beforeAll, expect, test } from 'bun:test'
import { simulate } from '../../src/cli/simulate.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  shop.context.outbox.start()
})
afterAll(async () => {
  await shop.context.outbox.stop()
  await shop.close()
})

test('a simulated shopper buys and pays over the public API, and every invariant holds after', async () => {
  await makeVariant(shop.context, shop.catalogue, { stock: 3 })
  expect(await simulate(['--url', shop.origin, '--shoppers', '1'])).toBe(0)
  const orders = await shop.database.sql`select state from orders`
  expect(orders.map(({ state }) => state as string)).toEqual(['paid'])
  expect(await checkInvariants(shop.database.db)).toEqual([])
}, 20_000)

test('a shop with nothing to sell is told apart from a sale', async () => {
  await shop.database.sql`update stock_levels set on_hand = reserved`
  expect(await simulate(['--url', shop.origin, '--shoppers', '1'])).toBe(1)
})
