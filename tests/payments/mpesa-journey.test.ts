import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openPayDesk, type PayDesk } from '../support/pay-desk.ts'

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

describe('paying with M-Pesa', () => {
  test('the right PIN pays the order, hands over the goods and texts the shopper', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    expect((await desk.charge(order)).state).toBe('pending')
    await desk.press(prompt, 'pin', '1234')
    const charge = await desk.charge(order)
    expect({ state: charge.state, captured: charge.capturedMinor, order: await desk.orderState(order) }).toEqual({ state: 'succeeded', captured: 170_000n, order: 'paid' })
    expect(charge.receipt).toMatch(/^[A-Z]{2}[A-Z0-9]{8}$/)
    expect(desk.context.sms.recent()[0]?.text).toContain(order.number)
  })
})
