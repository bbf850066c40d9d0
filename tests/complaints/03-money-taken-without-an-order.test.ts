import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { expireUnpaid } from '../../src/workflows/checkout/expire-unpaid.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

/**
 * Complaint 3: money is taken and there is no order. Here money that cannot buy anything any more is owed back in the commit that
 * proves it, and an invariant (`money_has_an_order`, run by tests, every night and by the doctor) lists money without an order.
 */
let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterEach(() => void desk.simulator.reset())
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

const refunds = async (order: UnpaidOrder) =>
  (
    await desk.database.db.execute<{ amount: string; state: string }>(
      `select amount_minor as amount, state from transactions where kind = 'refund' and order_id = '${order.orderId}'`,
    )
  ).map(({ amount, state }) => [BigInt(amount), state])
/** The shopper's phone is without signal until the shop has given the order up. */
const givenUp = async (order: UnpaidOrder, prompt: string) => {
  await desk.press(prompt, 'lose')
  for (let passed = 0; passed < 12; passed++) {
    desk.clock.advance(minutes(15))
    await desk.drain()
    await expireUnpaid(desk.context)
  }
  return await desk.orderState(order)
}

describe('money for an order', () => {
  test('whose message was lost is found by asking: nobody has to complain first', async () => {
    const order = await desk.order()
    expect(await givenUp(order, await desk.prompt(order))).toBe('paid')
  })

  test('that expired becomes the order after all, while its goods are there', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.press(prompt, 'ignore')
    desk.clock.advance(hours(2))
    await desk.drain()
    await expireUnpaid(desk.context)
    expect(await desk.orderState(order)).toBe('expired')
    await desk.press(prompt, 'late')
    for (let passed = 0; passed < 6; passed++) {
      desk.clock.advance(minutes(5))
      await desk.drain()
    }
    expect(['paid', 'expired']).toContain(await desk.orderState(order))
    // Whichever: no money stands without an order. That is what afterAll asks of every row.
  })

  test('that was paid twice goes back once, whatever the shopper did', async () => {
    const order = await desk.order()
    const first = await desk.prompt(order)
    await desk.press(first, 'pin', '1234')
    expect(await desk.orderState(order)).toBe('paid')
    expect(await refunds(order)).toEqual([])
    expect((await desk.charges(order)).filter(({ state }) => state === 'succeeded')).toHaveLength(1)
  })
})
