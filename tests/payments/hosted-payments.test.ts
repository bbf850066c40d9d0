import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { captureView } from '../../src/domain/payments/simulators/paypal.ledger.ts'
import { type PaypalSimulator, paypalSimulatorOf } from '../../src/domain/payments/simulators/paypal.simulator.ts'
import { type PaystackSimulator, paystackSimulatorOf } from '../../src/domain/payments/simulators/paystack.simulator.ts'
import { seconds } from '../../src/lib/time.ts'
import { askProvider } from '../../src/workflows/checkout/ask-provider.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
let paystack: PaystackSimulator
let paypal: PaypalSimulator
const calm = (): void => {
  paystack.turn({ refundDelayMs: 600_000, retryMs: 600_000 })
  paypal.turn({ retryMs: 600_000 })
}
beforeAll(async () => {
  desk = await openPayDesk()
  const simulators = [paystackSimulatorOf(desk.context), paypalSimulatorOf(desk.context)] as const
  if (simulators[0] === undefined || simulators[1] === undefined) throw new Error('the sandbox is on in tests')
  ;[paystack, paypal] = simulators
  calm()
})
afterEach(() => {
  paystack.reset()
  paypal.reset()
  calm()
})
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

async function settle(): Promise<void> {
  do await paypal.told()
  while ((await desk.drain()) > 0)
}
async function wait(totalS: number, stepS: number): Promise<void> {
  for (let passed = 0; passed < totalS; passed += stepS) {
    desk.clock.advance(seconds(stepS))
    await settle()
  }
}
const begin = async (method: 'paystack' | 'paypal'): Promise<UnpaidOrder> => {
  const order = await desk.order({ method })
  await settle()
  return order
}
const standing = async (order: UnpaidOrder) => {
  const { state, stateReason } = await desk.charge(order)
  return { state, reason: stateReason, order: await desk.orderState(order) }
}
const paid = { state: 'succeeded', reason: null, order: 'paid' }
const sessionRef = async (order: UnpaidOrder): Promise<string> => (await desk.charge(order)).sessionRef ?? ''
const effects = async (order: UnpaidOrder): Promise<string[]> => (await desk.events(order.transactionId)).map(({ effect }) => effect)

describe('Paystack in the shop', () => {
  test('an abandoned page expires after an hour of asking, and a payment on it afterwards still pays', async () => {
    const order = await begin('paystack')
    await wait(3_500, 100)
    expect((await standing(order)).state).toBe('pending')
    await wait(600, 100)
    expect(await standing(order)).toMatchObject({ state: 'expired', reason: 'no_answer' })
    await paystack.act(await sessionRef(order), 'card')
    await settle()
    expect(await standing(order)).toEqual(paid)
  })

  test('a success nobody can verify waits, and pays as soon as it can be', async () => {
    const order = await begin('paystack')
    paystack.turn({ fault: 'error500', faultOn: 'verify' })
    await paystack.act(await sessionRef(order), 'card')
    await settle()
    expect(await standing(order)).toMatchObject({ state: 'processing', reason: 'success_claimed' })
    paystack.turn({ fault: 'none' })
    await wait(20, 5)
    expect(await standing(order)).toEqual(paid)
  })

  test('a signed success that verify denies is for a person: a leaked key signs, and does not pay', async () => {
    const order = await begin('paystack')
    const payment = paystack.payment(await sessionRef(order))
    if (payment === undefined) throw new Error('no page was opened')
    const { body, headers } = paystack.signed('charge.success', { ...paystack.shown(payment), status: 'success' })
    expect((await fetch(`${desk.origin}/webhooks/paystack`, { method: 'POST', headers, body })).status).toBe(200)
    await settle()
    expect(await standing(order)).toMatchObject({ state: 'processing', order: 'awaiting_payment' })
    payment.status = 'failed'
    await wait(10, 5)
    expect(await standing(order)).toMatchObject({ state: 'review', reason: 'contradiction', order: 'awaiting_payment' })
  })

  test('a fee the customer bears is no overpayment', async () => {
    const order = await begin('paystack')
    await paystack.act(await sessionRef(order), 'fee')
    await settle()
    expect(await standing(order)).toEqual(paid)
    expect(await desk.charge(order)).toMatchObject({ capturedMinor: order.totalMinor, feeMinor: 0n })
  })

  test('metadata that never comes back is not needed', async () => {
    paystack.turn({ metadata: 'empty' })
    const order = await begin('paystack')
    await paystack.act(await sessionRef(order), 'mobile')
    await settle()
    expect(await standing(order)).toEqual(paid)
  })

  test('a payment of the other mode never pays', async () => {
    const order = await begin('paystack')
    paystack.turn({ domain: 'live' })
    await paystack.act(await sessionRef(order), 'card')
    await wait(600, 100)
    expect(await standing(order)).toMatchObject({ state: 'review', reason: 'wrong_mode', order: 'awaiting_payment' })
  })

  test('a refund made at the desk is taken into the books, by its event without an id', async () => {
    const order = await begin('paystack')
    const access = await sessionRef(order)
    await paystack.act(access, 'card')
    await settle()
    await paystack.refundAtDesk(paystack.payment(access)?.reference ?? '', 70_000)
    await settle()
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 70_000n, refundPendingMinor: 0n })
  })

  test('a refund’s news that overtakes the payment’s waits for it', async () => {
    const order = await begin('paystack')
    const access = await sessionRef(order)
    paystack.turn({ webhooks: 'held' })
    await paystack.act(access, 'card')
    await paystack.refundAtDesk(paystack.payment(access)?.reference ?? '', 70_000)
    await paystack.courier().release('reverse')
    await settle()
    expect(await desk.charge(order)).toMatchObject({ state: 'succeeded', refundedMinor: 70_000n })
  })

  test('a dispute takes the money away until it is decided', async () => {
    const order = await begin('paystack')
    const access = await sessionRef(order)
    await paystack.act(access, 'card')
    await settle()
    const id = (await paystack.openDispute(paystack.payment(access)?.reference ?? '')) ?? 0
    await settle()
    expect((await desk.charge(order)).disputedMinor).toBe(order.totalMinor)
    await paystack.resolveDispute(id, 'declined')
    await settle()
    expect((await desk.charge(order)).disputedMinor).toBe(0n)
  })
})

describe('PayPal in the shop', () => {
  test('is asked for dollars at the rate of the day, and books shillings', async () => {
    const order = await begin('paypal')
    expect(await desk.charge(order)).toMatchObject({
      providerAmountMinor: 1_318n,
      providerCurrency: 'USD',
      currency: 'KES',
      amountMinor: 170_000n,
    })
    await paypal.act(await sessionRef(order), 'approve')
    await settle()
    expect(await standing(order)).toEqual(paid)
    const charge = await desk.charge(order)
    expect(charge).toMatchObject({ capturedMinor: 170_000n, provenAmountMinor: 1_318n, provenCurrency: 'USD' })
    // 3.9 % and 30 cents of 13.18 dollars are 81 cents, at the rate of this very charge.
    expect(charge.feeMinor).toBe(10_448n)
  })

  test('coming back without approving changes nothing', async () => {
    const order = await begin('paypal')
    await paypal.act(await sessionRef(order), 'cancel')
    await askProvider(desk.context, order.transactionId)
    expect(await standing(order)).toMatchObject({ state: 'pending', order: 'awaiting_payment' })
  })

  test('the page, the message and the clock at once capture once', async () => {
    const order = await begin('paypal')
    await paypal.act(await sessionRef(order), 'approve')
    await Promise.all([askProvider(desk.context, order.transactionId), askProvider(desk.context, order.transactionId), desk.drain()])
    await settle()
    await wait(60, 20)
    expect(await standing(order)).toEqual(paid)
    expect((await effects(order)).filter((effect) => effect === 'captured')).toHaveLength(1)
  })

  test('a pending capture is kept open for days and pays when PayPal says so', async () => {
    const order = await begin('paypal')
    await paypal.act(await sessionRef(order), 'pending')
    await settle()
    expect(await standing(order)).toMatchObject({ state: 'processing', reason: 'pending_review', order: 'awaiting_payment' })
    await wait(18_000, 1_800)
    expect((await standing(order)).state).toBe('processing')
    await paypal.settleCapture((await desk.charge(order)).paymentRef ?? '', 'COMPLETED')
    await settle()
    expect((await desk.charge(order)).state).toBe('succeeded')
  })

  test('a declined instrument leaves the page open for another one', async () => {
    const order = await begin('paypal')
    const id = await sessionRef(order)
    await paypal.act(id, 'instrument-declined')
    await settle()
    expect(await standing(order)).toMatchObject({ state: 'pending', order: 'awaiting_payment' })
    expect(await effects(order)).toContain('attempt_failed')
    await paypal.act(id, 'approve')
    await settle()
    expect(await standing(order)).toEqual(paid)
  })

  test('after three hours the attempt is over: a late approval is not captured, a late capture still counts', async () => {
    const order = await begin('paypal')
    const id = await sessionRef(order)
    await wait(11_700, 900)
    expect(await standing(order)).toMatchObject({ state: 'expired' })
    await paypal.act(id, 'approve')
    await settle()
    expect(await standing(order)).toMatchObject({ state: 'expired' })
    expect(paypal.order(id)?.capture).toBeUndefined()
    const made = paypal.order(id)
    if (made === undefined) throw new Error('no order was made')
    const capture = captureView({
      id: '3C679366HH908993F',
      order: made,
      amount: made.amount,
      createdAt: desk.clock.now(),
      status: 'COMPLETED',
    })
    const { body, headers } = await paypal.signed('PAYMENT.CAPTURE.COMPLETED', 'capture', capture)
    await fetch(`${desk.origin}/webhooks/paypal`, { method: 'POST', headers, body })
    await settle()
    expect((await desk.charge(order)).state).toBe('succeeded')
  })

  test('an approval PayPal takes back has expired', async () => {
    const order = await begin('paypal')
    await paypal.lapse(await sessionRef(order))
    await settle()
    expect(await standing(order)).toMatchObject({ state: 'expired', reason: 'approval_lapsed' })
  })

  test('a refund made at the desk comes back in shillings', async () => {
    const order = await begin('paypal')
    await paypal.act(await sessionRef(order), 'approve')
    await settle()
    await paypal.refundAtDesk((await desk.charge(order)).paymentRef ?? '', 659)
    await settle()
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 85_000n })
  })

  test('a reversal is money charged back, also when a dispute told of it before', async () => {
    const order = await begin('paypal')
    await paypal.act(await sessionRef(order), 'approve')
    await settle()
    const capture = (await desk.charge(order)).paymentRef ?? ''
    const dispute = (await paypal.openDispute(capture)) ?? ''
    await settle()
    await paypal.resolveDispute(dispute, 'RESOLVED_BUYER_FAVOUR')
    await settle()
    expect((await desk.charge(order)).disputedMinor).toBe(order.totalMinor)
    await paypal.reverse(capture)
    await settle()
    expect((await desk.charge(order)).disputedMinor).toBe(order.totalMinor)
  })
})
