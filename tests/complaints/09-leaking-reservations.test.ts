import { afterAll, beforeAll, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { buy, checkoutBody, guest } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const shelf = async (variantId: string) =>
  [
    ...(await shop.database
      .sql`select sum(on_hand)::int as "onHand", sum(reserved)::int as reserved from stock_levels where variant_id = ${variantId}`),
  ][0]
const cod = { payment: { method: 'cod' } }
interface Placed {
  order: { number: string }
  orderToken: string
}

// medusajs/medusa#11131, #13625, #11703, #16406; saleor/saleor#5334
test('complaint 9, leaking reservations: a cancelled order gives its goods back once, however often it is cancelled', async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 10 })
  const visitor = guest(shop)
  const { order, orderToken } = (await (await buy(visitor, variantId, { quantity: 4, body: cod })).json()) as Placed
  expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 4 })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => visitor.post(`/api/v1/orders/${order.number}/cancel?token=${orderToken}`)),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 0 })
  expect(await checkInvariants(shop.database.db)).toEqual([])
})

test('complaint 9, leaking reservations: a checkout that is refused half way holds nothing', async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 10 })
  const rare = await makeVariant(shop.context, shop.catalogue, { stock: 1 })
  const visitor = guest(shop)
  await visitor.post('/api/v1/cart/lines', { variantId, quantity: 3 })
  await visitor.post('/api/v1/cart/lines', { variantId: rare.variantId, quantity: 1 })
  // Somebody else is quicker.
  expect((await buy(guest(shop), rare.variantId)).status).toBe(201)
  const wrong = { expectedTotal: { amountMinor: 1, currency: 'KES' } }
  for (const change of [{}, wrong, { address: { county: 'Nowhere', town: 'x', landmark: 'y' } }]) {
    const answer = await visitor.post('/api/v1/checkout', checkoutBody({ ...cod, ...change }), { 'idempotency-key': crypto.randomUUID() })
    expect([409, 422]).toContain(answer.status)
  }
  expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 0 })
})

test('complaint 9, leaking reservations: an order that nobody pays gives its goods back when its time is up', async () => {
  const { sql } = shop.database
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 5 })
  const { order } = (await (await buy(guest(shop), variantId, { quantity: 5 })).json()) as Placed
  await shop.settle()
  expect(await shelf(variantId)).toEqual({ onHand: 5, reserved: 5 })
  // While the prompt is open nothing is taken away; the shopper says no on the phone, and then the time runs out.
  await sql`update orders set expires_at = now() - interval '1 second' where number = ${order.number}`
  await shop.context.jobs.runNow('expire-unpaid')
  expect(await shelf(variantId)).toEqual({ onHand: 5, reserved: 5 })
  const { items } = (await (await shop.fetch('/sandbox/mpesa/prompts')).json()) as { items: { id: string }[] }
  for (const { id } of items) await shop.post(`/sandbox/mpesa/prompts/${id}/cancel`, {})
  await shop.settle()
  await sql`update orders set expires_at = now() - interval '1 second' where number = ${order.number}`
  await shop.context.jobs.runNow('expire-unpaid')
  expect(await shelf(variantId)).toEqual({ onHand: 5, reserved: 0 })
  expect((await buy(guest(shop), variantId, { quantity: 5, body: cod })).status).toBe(201)
  expect(await checkInvariants(shop.database.db)).toEqual([])
})
