import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { makeVariant } from '../support/factories.ts'
import { buyAndPay, type Placed } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/**
 * Complaint 5: refunds are wrong, blocked, or fail without a word. Here a refund is a row with a state of its own, the database lets
 * nobody send back more than came in, one that has to be sent by hand waits where staff see it, and a failed one can be tried again.
 */
let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop({ environment: { DB_PAY_GATE_WAIT_MS: '60000' } })
  people = await crew(shop)
})
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const paid = async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 100_000n })
  const order = await buyAndPay(shop, { lines: [{ variantId }] })
  const [charge] = await shop.database.sql`select id from transactions where order_id = ${order.id} and kind = 'charge'`
  return { order, chargeId: String(charge?.['id']) }
}
const refund = async (chargeId: string, amountMinor: number | undefined, key: string = crypto.randomUUID()) =>
  await people.staff.post(
    `/api/v1/admin/transactions/${chargeId}/refunds`,
    { reason: 'the colour was wrong', ...(amountMinor === undefined ? {} : { amountMinor }) },
    { 'idempotency-key': key },
  )
const rows = async (order: Placed) =>
  (
    await shop.database
      .sql`select amount_minor::int as amount, state from transactions where order_id = ${order.id} and kind = 'refund' order by created_at`
  ).map((row) => [row['amount'], row['state']])

describe('a refund', () => {
  test('in parts never exceeds what was paid, however many people send it at once', async () => {
    const { order, chargeId } = await paid()
    const answers = await Promise.all(Array.from({ length: 40 }, () => refund(chargeId, 50_000)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2)
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ status }) => status))).toEqual(new Set([409]))
    expect((await rows(order)).map(([amount]) => amount)).toEqual([50_000, 50_000])
  }, 60_000)

  test('asked for twice under one key is one', async () => {
    const { order, chargeId } = await paid()
    await Promise.all([refund(chargeId, 10_000, 'one-and-the-same'), refund(chargeId, 10_000, 'one-and-the-same')])
    expect((await rows(order)).map(([amount]) => amount)).toEqual([10_000])
  })

  test('the provider cannot send by itself waits in sight, and is closed with a receipt', async () => {
    const { order, chargeId } = await paid()
    expect((await refund(chargeId, undefined)).status).toBe(201)
    await shop.settle()
    expect(await rows(order)).toEqual([[120_000, 'manual']])
    const waiting = (await (await people.staff.get('/api/v1/admin/transactions?waits=true&kind=refund')).json()) as {
      items: { id: string }[]
    }
    const [row] = await shop.database.sql`select id from transactions where order_id = ${order.id} and kind = 'refund'`
    expect(waiting.items.map(({ id }) => id)).toContain(String(row?.['id']))
    expect((await people.staff.post(`/api/v1/admin/refunds/${String(row?.['id'])}/completion`, { reference: 'SKJ7QWERTY' })).status).toBe(
      200,
    )
    expect(await rows(order)).toEqual([[120_000, 'succeeded']])
    const told = (await (await people.staff.get(`/api/v1/admin/messages?order=${order.number}`)).json()) as { items: { event: string }[] }
    await shop.settle()
    expect(told.items.length).toBeGreaterThan(0)
  })
})
