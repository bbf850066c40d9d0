import { afterAll, beforeAll, expect, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Db } from '../../src/platform/db.ts'
import { idempotentRequest } from '../../src/platform/idempotency.ts'
import { placeOrder } from '../../src/workflows/checkout/place-order.ts'
import { checkoutBody, guest } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let driver: postgres.Sql
const sent: string[] = []

beforeAll(async () => {
  shop = await openShop()
  driver = postgres(shop.database.url, { max: 1, onnotice: () => {}, debug: (_, text) => void sent.push(text) })
})
afterAll(async () => {
  await driver.end({ timeout: 2 })
  await shop.close()
})

/** A bag with so many different things, and who holds it. */
async function bagOf(count: number) {
  const visitor = guest(shop)
  for (let line = 0; line < count; line++) {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    await visitor.post('/api/v1/cart/lines', { variantId, quantity: 1 })
  }
  const [bag] = await shop.database.sql`select token_hash from carts order by created_at desc limit 1`
  return { kind: 'guest', cartTokenHash: String(bag?.['token_hash']) } as const
}

// Each statement is a trip to the database while the bag, and at the end the shelf, is locked.
test.each([1, 5])('an order of %i lines is placed with at most fifteen statements, begin and commit among them', async (lines) => {
  const actor = await bagOf(lines)
  const context = { ...shop.context, payDb: drizzle(driver, { casing: 'snake_case' }) as unknown as Db }
  const body = { ...checkoutBody(), payment: { method: 'mpesa' as const } }
  const request = idempotentRequest('statements', crypto.randomUUID(), body)
  await driver`select 1`
  sent.length = 0
  const answer = await placeOrder(context, actor, request, body)
  expect(answer.status).toBe(201)
  const statements = sent.map((text) => text.trim())
  expect([statements[0], statements.at(-1)]).toEqual(['begin', 'commit'])
  expect(statements.length).toBeLessThanOrEqual(15)
})

test('one with a code is placed with at most fourteen, the use of the code among them', async () => {
  const actor = await bagOf(2)
  await shop.database
    .sql`insert into promos (id, code, kind, basis_points, starts_at, created_by) values (${crypto.randomUUID()}, 'TEN', 'percent', 1000, '2026-01-01', 'test')`
  await shop.database.sql`update carts set promo_code = 'TEN' where token_hash = ${actor.cartTokenHash}`
  const context = { ...shop.context, payDb: drizzle(driver, { casing: 'snake_case' }) as unknown as Db }
  const body = { ...checkoutBody(), payment: { method: 'mpesa' as const } }
  sent.length = 0
  const answer = await placeOrder(context, actor, idempotentRequest('statements', crypto.randomUUID(), body), body)
  expect(JSON.parse(answer.body)).toMatchObject({ order: { promoCode: 'TEN', discount: { amountMinor: 30_000 } } })
  expect(sent.length).toBeLessThanOrEqual(14)
})
