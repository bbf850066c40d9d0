import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { orders } from '../../src/domain/orders/order.table.ts'
import { transactions } from '../../src/domain/payments/transaction.table.ts'
import { simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { bring, crew, type Crew, packed, type Story } from '../delivery/delivery-story.ts'
import { buy, guest } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  people = await crew(shop)
})
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

/** An order to be paid at the door, brought as far as the rider's arrival. */
async function atTheDoor(): Promise<Story> {
  const story = await packed(shop, people.staff, await doorOrder())
  await bring(story, people.rider, 'arriving')
  return story
}

async function doorOrder() {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const shopper = guest(shop)
  const placed = (await (await buy(shopper, variantId, { body: { payment: { method: 'cod' } } })).json()) as {
    order: { number: string }
    orderToken: string
  }
  await shop.settle()
  const [row] = await shop.context.db
    .select()
    .from(orders)
    .where(sql`${orders.number} = ${placed.order.number}`)
  return { id: row?.id ?? '', number: placed.order.number, token: placed.orderToken, shopper }
}

const cash = async (story: Story, amountMinor: number) => await people.rider.post(`/api/v1/deliveries/${story.id}/cash`, { amountMinor })
const deliver = async (story: Story) => await people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code })
const due = async (story: Story) =>
  ((await (await people.rider.get(`/api/v1/deliveries/${story.id}`)).json()) as { cashDue: unknown }).cashDue
const charges = async (story: Story) =>
  (
    await shop.context.db
      .select()
      .from(transactions)
      .where(sql`${transactions.orderId} = ${story.order.id}::uuid`)
      .orderBy(transactions.id)
  ).map((row) => [row.provider, row.state, row.stateReason])
const stateOf = async (id: string) =>
  (
    await shop.context.db
      .select()
      .from(orders)
      .where(sql`${orders.id} = ${id}::uuid`)
  )[0]?.state

describe('paying at the door', () => {
  test('the order is packed unpaid, the rider sees what is owed, and hands nothing over before it is paid', async () => {
    const story = await atTheDoor()
    expect(await stateOf(story.order.id)).toBe('on_the_road')
    expect(await due(story)).toEqual({ amountMinor: 170_000, currency: 'KES' })
    const early = await deliver(story)
    expect([early.status, ((await early.json()) as { code: string }).code]).toEqual([409, 'payment_due'])
    expect((await cash(story, 160_000)).status).toBe(422)
    expect((await cash(story, 170_000)).status).toBe(200)
    expect((await cash(story, 170_000)).status).toBe(200)
    expect(await due(story)).toBeNull()
    expect((await deliver(story)).status).toBe(200)
    expect(await stateOf(story.order.id)).toBe('delivered')
    expect(await charges(story)).toEqual([['cod', 'succeeded', null]])
  })

  test('nobody but its rider takes the money, and not before the goods are on the way', async () => {
    const story = await packed(shop, people.staff, await doorOrder())
    await bring(story, people.rider, 'assigned')
    expect((await cash(story, 170_000)).status).toBe(409)
    await bring(story, people.rider, 'picked_up')
    expect((await story.order.shopper.post(`/api/v1/deliveries/${story.id}/cash`, { amountMinor: 170_000 })).status).toBe(401)
    const other = await crew(shop)
    expect((await other.rider.post(`/api/v1/deliveries/${story.id}/cash`, { amountMinor: 170_000 })).status).toBe(404)
    expect((await cash(story, 170_000)).status).toBe(200)
  })

  test('by M-Pesa it counts when the shop knows it, and the cash is not owed any more', async () => {
    const story = await atTheDoor()
    const asked = await people.rider.post(`/api/v1/deliveries/${story.id}/mpesa-prompt`, { phone: '0712 999 888' })
    expect(asked.status).toBe(201)
    await shop.settle()
    expect((await deliver(story)).status).toBe(409)
    const simulator = simulatorOf(shop.context)
    const prompt = simulator?.prompts('254712999888')[0]
    await fetch(`${shop.origin}/sandbox/mpesa/prompts/${prompt?.id ?? ''}/pin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    await shop.settle()
    expect(await due(story)).toBeNull()
    expect(await charges(story)).toEqual([
      ['cod', 'cancelled', 'paid_otherwise'],
      ['mpesa', 'succeeded', null],
    ])
    expect((await cash(story, 170_000)).status).toBe(200)
    expect((await deliver(story)).status).toBe(200)
  })

  test('an order that is paid online is not packed before it is paid', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const placed = (await (await buy(guest(shop), variantId)).json()) as { order: { number: string } }
    expect((await people.staff.post(`/api/v1/orders/${placed.order.number}/pack`)).status).toBe(409)
  })

  test('until it is packed the shopper may cancel', async () => {
    const order = await doorOrder()
    const answer = await order.shopper.post(`/api/v1/orders/${order.number}/cancel?token=${order.token}`)
    expect(answer.status).toBe(200)
    expect(await stateOf(order.id)).toBe('cancelled')
    expect((await people.staff.post(`/api/v1/orders/${order.number}/pack`)).status).toBe(409)
  })
})

test('the cash a rider holds is in the books until it is handed in, counted by somebody else', async () => {
  const { rider, staff } = people
  const list = async () =>
    ((await (await staff.get('/api/v1/admin/cash-in-hand')).json()) as { items: { driverId: string; amountMinor: number }[] }).items.filter(
      (each) => each.driverId === rider.accountId,
    )
  await cash(await atTheDoor(), 170_000)
  const held = (await list()).reduce((sum, each) => sum + each.amountMinor, 0)
  expect(held).toBeGreaterThan(0)
  const handIn = async (amountMinor: number) =>
    await staff.post(`/api/v1/admin/drivers/${rider.accountId}/cash-hand-in`, { amountMinor, reference: 'SLIP-1' })
  expect((await handIn(held - 100)).status).toBe(422)
  expect((await handIn(held)).status).toBe(200)
  expect(await list()).toEqual([])
  expect((await handIn(held)).status).toBe(404)
})
