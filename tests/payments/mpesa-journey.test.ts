import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { seconds } from '../../src/lib/time.ts'
import { until } from '../support/shop-process.ts'
import { openPayDesk, type PayDesk, shelf, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterEach(() => void desk.simulator.reset())
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

const standing = async (order: UnpaidOrder) => {
  const charge = await desk.charge(order)
  return { state: charge.state, reason: charge.stateReason, captured: charge.capturedMinor, order: await desk.orderState(order) }
}
const paid = { state: 'succeeded', reason: null, captured: 170_000n, order: 'paid' }
const unpaid = { captured: 0n, order: 'awaiting_payment' }

/** Lets time pass in steps, so that everything that falls due on the way is done on the way. */
async function wait(totalS: number, stepS = 5): Promise<void> {
  for (let passed = 0; passed < totalS; passed += stepS) {
    desk.clock.advance(seconds(stepS))
    await desk.drain()
  }
}

describe('paying with M-Pesa', () => {
  test('the right PIN pays the order, hands over the goods and texts the shopper', async () => {
    const order = await desk.order({ quantity: 2, stock: 5 })
    const prompt = await desk.prompt(order)
    expect(await standing(order)).toEqual({ ...unpaid, state: 'pending', reason: null })
    await desk.press(prompt, 'pin', '1234')
    expect(await standing(order)).toEqual({ ...paid, captured: 320_000n })
    expect((await desk.charge(order)).receipt).toMatch(/^[A-Z]{2}[A-Z0-9]{8}$/)
    expect(await shelf(desk, order.variantId)).toEqual({ onHand: 3, reserved: 0 })
    expect(desk.context.sms.recent()[0]?.text).toContain(order.number)
    expect((await desk.events(order.transactionId)).map((event) => event.effect)).toEqual([
      'created',
      'start_attempted',
      'accepted',
      'success_claimed',
      'captured',
    ])
  })

  test('the prompt says what Safaricom allows it to say', async () => {
    const order = await desk.order()
    const id = await desk.prompt(order)
    const prompt = desk.simulator.prompts(order.phone).find((each) => each.id === id)
    expect(prompt).toMatchObject({
      amount: 1_700,
      accountReference: order.number.replace('-', ''),
      description: 'Rahim Online',
      callbackUrl: `${desk.origin}/webhooks/mpesa/${order.token}`,
    })
  })

  for (const [action, state, reason, pin] of [
    ['pin', 'failed', 'wrong_pin', '9999'],
    ['cancel', 'cancelled', 'cancelled_by_customer', undefined],
    ['ignore', 'expired', 'no_answer', undefined],
    ['poor', 'failed', 'insufficient_funds', undefined],
  ] as const) {
    test(`${action}${pin === undefined ? '' : ' with a wrong PIN'} leaves the order unpaid and open for another try`, async () => {
      const order = await desk.order()
      await desk.press(await desk.prompt(order), action, pin)
      expect(await standing(order)).toEqual({ ...unpaid, state, reason })
      const again = await desk.again(order)
      await desk.press(await desk.prompt(again), 'pin')
      expect(await standing(again)).toEqual(paid)
    })
  }

  test('a masked payer number is no reason for doubt', async () => {
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'masked')
    expect(await standing(order)).toEqual(paid)
  })

  test('a lost callback is found by asking', async () => {
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'lose')
    expect(await standing(order)).toEqual({ ...unpaid, state: 'pending', reason: null })
    await wait(20)
    expect(await standing(order)).toEqual(paid)
    expect((await desk.charge(order)).receipt).toBeNull()
  })

  test('a success callback after the query already paid only brings the receipt', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.press(prompt, 'lose')
    await wait(20)
    const shown = desk.simulator.prompts(order.phone)[0]
    const item = [{ Name: 'Amount', Value: 1700 }, { Name: 'MpesaReceiptNumber', Value: shown?.receipt }, { Name: 'Balance' }]
    const charge = await desk.charge(order)
    await desk.callback(order, {
      Body: {
        stkCallback: {
          MerchantRequestID: charge.paymentRef,
          CheckoutRequestID: charge.sessionRef,
          ResultCode: 0,
          ResultDesc: 'ok',
          CallbackMetadata: { Item: item },
        },
      },
    })
    await desk.drain()
    expect(await standing(order)).toEqual(paid)
    expect((await desk.charge(order)).receipt).toBe(shown?.receipt ?? 'none')
  })

  test('a success that comes after "no answer" still pays', async () => {
    desk.simulator.turn({ lateMs: 1_500 })
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'late')
    expect((await standing(order)).state).toBe('expired')
    await until(async () => {
      await desk.drain()
      return (await desk.charge(order)).state === 'succeeded'
    }, 'the late success')
    expect(await standing(order)).toEqual(paid)
  })

  test('an expired prompt is looked back at, so that a late success without a callback is found', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.press(prompt, 'ignore')
    expect((await standing(order)).state).toBe('expired')
    expect((await desk.charge(order)).nextCheckAt).toEqual(new Date(desk.clock.now().getTime() + 300_000))
    await desk.simulator.settleLate(prompt)
    await wait(300, 60)
    expect(await standing(order)).toEqual(paid)
  })

  test('the wrong amount is looked at by a person and never pays', async () => {
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'wrong-amount')
    expect(await standing(order)).toEqual({ ...unpaid, state: 'review', reason: 'amount_differs' })
    await wait(4_000, 300)
    expect(await standing(order)).toEqual({ ...unpaid, state: 'review', reason: 'amount_differs' })
  })

  test('a success the query denies is looked at by a person', async () => {
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'contradict')
    expect(await standing(order)).toEqual({ ...unpaid, state: 'review', reason: 'contradiction' })
  })

  test('a success nobody can confirm yet is confirmed as soon as somebody can', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    desk.simulator.turn({ queryFault: 'lost_html' })
    await desk.press(prompt, 'pin')
    expect(await standing(order)).toEqual({ ...unpaid, state: 'processing', reason: 'success_claimed' })
    await wait(5)
    expect((await standing(order)).state).toBe('processing')
    desk.simulator.turn({ queryFault: 'none' })
    await wait(10)
    expect(await standing(order)).toEqual(paid)
  })

  test('a success nobody can confirm for an hour goes to a person, and is still taken up when it is confirmed', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    desk.simulator.turn({ queryFault: 'error500' })
    await desk.press(prompt, 'pin')
    await wait(4_200, 60)
    expect(await standing(order)).toEqual({ ...unpaid, state: 'review', reason: 'unconfirmed' })
    desk.simulator.turn({ queryFault: 'none' })
    await wait(3_600, 300)
    expect(await standing(order)).toEqual(paid)
  })

  test('an untouched prompt expires only after asking', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    await wait(295)
    expect((await standing(order)).state).toBe('pending')
    await wait(20)
    expect(await standing(order)).toEqual({ ...unpaid, state: 'expired', reason: 'no_answer' })
    expect((await desk.events(order.transactionId)).filter((event) => event.effect === 'checked').length).toBeGreaterThanOrEqual(5)
  })

  test('nothing is failed on a timer while the provider cannot be asked', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    desk.simulator.turn({ queryFault: 'rate_limit' })
    await wait(3_000, 60)
    expect((await standing(order)).state).toBe('pending')
  })
})

describe('starting a payment', () => {
  for (const fault of ['lost_html', 'lost_truncated', 'lost_hang'] as const) {
    test(`a lost answer (${fault}) is never followed by a second prompt, and the callback finishes the payment`, async () => {
      desk.simulator.turn({ pushFault: fault, faultsLeft: 1, hangMs: 50 })
      const order = await desk.order()
      const prompt = await desk.prompt(order)
      expect((await desk.events(order.transactionId)).map((event) => event.effect)).toEqual([
        'created',
        'start_attempted',
        'accept_unknown',
      ])
      await wait(30)
      expect(desk.simulator.prompts(order.phone)).toHaveLength(1)
      await desk.press(prompt, 'pin')
      expect(await standing(order)).toEqual(paid)
      expect(desk.simulator.prompts(order.phone)).toHaveLength(1)
    })
  }

  for (const [fault, reason] of [
    ['error500', 'provider_unavailable'],
    ['rate_limit', 'provider_unavailable'],
    ['locked', 'subscriber_locked'],
  ] as const) {
    test(`a definite no (${fault}) lets the shopper try again at once`, async () => {
      desk.simulator.turn({ pushFault: fault, faultsLeft: 1 })
      const order = await desk.order()
      await desk.drain()
      expect(await standing(order)).toEqual({ ...unpaid, state: 'failed', reason })
      const again = await desk.again(order)
      await desk.press(await desk.prompt(again), 'pin')
      expect(await standing(again)).toEqual(paid)
    })
  }

  test('a token refused in mid-flight is renewed once and the push goes out once', async () => {
    desk.simulator.turn({ pushFault: 'token_expired', faultsLeft: 1 })
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'pin')
    expect(await standing(order)).toEqual(paid)
    expect(desk.simulator.prompts(order.phone)).toHaveLength(1)
  })

  test('without a token nothing was sent, and the shopper is told so', async () => {
    const lone = await openPayDesk({ environment: { MPESA_BASE_URL: 'http://127.0.0.1:9' } })
    const order = await lone.order()
    await lone.drain()
    expect(await lone.charge(order)).toMatchObject({ state: 'failed', stateReason: 'provider_unavailable' })
    await lone.close()
  })

  test('a callback that overtakes the answer to the push is taken', async () => {
    const order = await desk.order({ phone: '254711110012' })
    await desk.drain()
    expect(await standing(order)).toEqual(paid)
  })

  test('a second charge is refused while one is open', async () => {
    const order = await desk.order()
    expect(desk.again(order)).rejects.toThrow('payment_open')
    await desk.press(await desk.prompt(order), 'wrong-amount')
    expect(desk.again(order)).rejects.toThrow('payment_open')
  })
})
