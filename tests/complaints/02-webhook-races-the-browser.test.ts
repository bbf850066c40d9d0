import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { hurryCheck } from '../../src/domain/payments/hurry-check.ts'
import { openPayDesk, type PayDesk, shelf } from '../support/pay-desk.ts'

/**
 * Complaint 2: the webhook races the browser, and the order is missing, duplicated or captured twice. Here the order exists before
 * any payment, webhook, poll and return page meet in one function that settles, and the same fact has one effect.
 */
let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterEach(() => void desk.simulator.reset())
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

const settled = async (order: Awaited<ReturnType<PayDesk['order']>>) => ({
  state: await desk.orderState(order),
  captures: (await desk.events(order.transactionId)).filter(({ effect }) => effect === 'captured').length,
  sold: 10 - (await shelf(desk, order.variantId)).onHand,
})
const once = { state: 'paid', captures: 1, sold: 1 }

describe('a payment whose webhook and browser come at the same moment', () => {
  test('is one order, paid once, with its goods sold once', async () => {
    const order = await desk.order({ stock: 10 })
    const prompt = await desk.prompt(order)
    // The shopper is back on the page and asks, while the provider's message and our own questions arrive, all together.
    await Promise.all([
      desk.press(prompt, 'pin', '1234'),
      ...Array.from({ length: 10 }, () => hurryCheck(desk.context, order.transactionId)),
      ...Array.from({ length: 10 }, () => desk.drain()),
    ])
    await desk.drain()
    expect(await settled(order)).toEqual(once)
  })

  test('told ten times at once by the provider has one effect', async () => {
    const order = await desk.order({ stock: 10 })
    const prompt = await desk.prompt(order)
    await desk.press(prompt, 'pin', '1234')
    const said = (await desk.inbox()).at(-1)?.body
    const again = said === undefined ? '' : Buffer.from(said).toString()
    await Promise.all(Array.from({ length: 10 }, async () => [await desk.callback(order, again), await desk.drain()]))
    await desk.drain()
    expect(await settled(order)).toEqual(once)
    expect((await desk.charges(order)).map(({ state, capturedMinor }) => [state, capturedMinor])).toEqual([['succeeded', 170_000n]])
  })

  test('finds its order there already: it was placed before anybody was asked for money', async () => {
    const order = await desk.order()
    expect(await desk.orderState(order)).toBe('awaiting_payment')
    expect((await desk.charge(order)).state).toBe('created')
  })
})
