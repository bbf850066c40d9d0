import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { makeVariant } from '../support/factories.ts'
import { place, type Placed, press } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/**
 * Complaint 7: a failed or cancelled payment leaves the order stuck, paying again is hard, and paying twice is possible. Here an
 * unpaid order keeps its goods, can be paid again by any way from its link, has one open prompt at a time, and a second payment goes
 * back by itself.
 */
let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  people = await crew(shop)
})
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const ordered = async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  return await place(shop, { lines: [{ variantId }] })
}
const again = async (order: Placed, method: string) =>
  (
    await shop.fetch(order.path('/pay'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method }),
    })
  ).status

describe('an order whose payment failed', () => {
  test('is paid again from its link, by the same way, without an account', async () => {
    const order = await ordered()
    await press(shop, order, 'cancel')
    expect((await order.see()).state).toBe('awaiting_payment')
    expect(await again(order, 'mpesa')).toBe(201)
    await press(shop, order)
    expect((await order.see()).state).toBe('paid')
  })

  test('is paid by another way: at the door', async () => {
    const order = await ordered()
    await press(shop, order, 'poor')
    expect(await again(order, 'cod')).toBe(201)
    await shop.settle()
    expect((await people.staff.post(`/api/v1/orders/${order.number}/pack`)).status).toBe(200)
  })

  test('tells its shopper so, with the link to try again', async () => {
    const order = await ordered()
    await press(shop, order, 'poor')
    const text = shop.context.sms.recent().find(({ to }) => to === `254${order.phone.slice(1)}`)?.text ?? ''
    expect(text).toContain('did not go through')
    expect(text).toContain(`/pay/${order.token}`)
  })
})

test('two prompts are never out at once, however often the button is pressed', async () => {
  const order = await ordered()
  await shop.settle()
  const answers = await Promise.all(Array.from({ length: 12 }, () => again(order, 'mpesa')))
  expect(new Set(answers)).toEqual(new Set([409]))
  await press(shop, order, 'cancel')
  const retries = await Promise.all(Array.from({ length: 12 }, () => again(order, 'mpesa')))
  expect(retries.filter((status) => status === 201)).toHaveLength(1)
  await press(shop, order)
  expect(await again(order, 'card')).toBe(409)
  const [taken] = await shop.database
    .sql`select sum(captured_minor)::int as money from transactions where order_id = ${order.id} and kind = 'charge'`
  expect(taken).toEqual({ money: order.totalMinor })
})
