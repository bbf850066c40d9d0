import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { bring, crew, type Crew, type Story } from '../delivery/delivery-story.ts'
import { dropOffCode } from '../../src/domain/delivery/drop-off-code.ts'
import { makeVariant } from '../support/factories.ts'
import { pack, place, type Placed, press } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/**
 * Complaint 14: cash and pay on delivery are second class. Here the door is a provider like the others: the rider sees what is owed,
 * counts cash or has a prompt sent, hands over only what is paid, and the cash is in the books until it is handed in.
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

const atTheDoor = async (): Promise<{ order: Placed; delivery: string }> => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const order = await place(shop, { lines: [{ variantId }], body: { payment: { method: 'cod' } } })
  await shop.settle()
  const [delivery] = await pack(shop, people.staff, order)
  const story = { id: delivery?.id ?? '', code: '' } as Story
  await bring(story, people.rider, 'arriving')
  return { order, delivery: story.id }
}
const handOver = async (delivery: string) =>
  (await people.rider.post(`/api/v1/deliveries/${delivery}/deliver`, { code: dropOffCode(shop.context.config.appSecret, delivery) })).status

describe('an order to be paid at the door', () => {
  test('is handed over against cash, which the rider holds in the books until it is handed in', async () => {
    const { order, delivery } = await atTheDoor()
    expect(await handOver(delivery)).toBe(409)
    const { cashDue } = (await (await people.rider.get(`/api/v1/deliveries/${delivery}`)).json()) as { cashDue: { amountMinor: number } }
    expect(cashDue.amountMinor).toBe(order.totalMinor)
    expect((await people.rider.post(`/api/v1/deliveries/${delivery}/cash`, { amountMinor: order.totalMinor })).status).toBe(200)
    expect(await handOver(delivery)).toBe(200)
    expect((await order.see()).state).toBe('delivered')
    const [held] = await shop.database
      .sql`select sum(amount_minor)::int as cash from ledger_entries where account = 'cash_in_hand' and holder_id = ${people.rider.accountId}`
    expect(held).toEqual({ cash: order.totalMinor })
  })

  test('is paid by a prompt the rider has sent, and never on a shown message', async () => {
    const { order, delivery } = await atTheDoor()
    expect((await people.rider.post(`/api/v1/deliveries/${delivery}/mpesa-prompt`, {})).status).toBeLessThan(300)
    expect(await handOver(delivery)).toBe(409)
    await press(shop, order)
    expect(await handOver(delivery)).toBe(200)
  })

  test('pays its vendors as any other does, and comes back as any other does', async () => {
    const { order, delivery } = await atTheDoor()
    await people.rider.post(`/api/v1/deliveries/${delivery}/cash`, { amountMinor: order.totalMinor })
    await handOver(delivery)
    const [share] = await shop.database
      .sql`select -sum(amount_minor)::int as share from ledger_entries where order_id = ${order.id} and account = 'vendor_payable'`
    expect(share).toEqual({ share: 147_000 })
    const [line] = (await order.see()).lines
    const asked = await order.visitor.post(order.path('/returns'), { lines: [{ lineId: line?.id, quantity: 1, reason: 'too_large' }] })
    const { id } = (await asked.json()) as { id: string }
    const received = await people.staff.post(`/api/v1/admin/returns/${id}/receive`, {})
    expect(received.status).toBe(200)
    expect(await received.json()).toMatchObject({ refund: { amountMinor: order.totalMinor } })
    const [refund] = await shop.database.sql`select provider, state from transactions where order_id = ${order.id} and kind = 'refund'`
    expect(refund).toEqual({ provider: 'cod', state: 'manual' })
  })
})
