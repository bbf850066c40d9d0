import { afterAll, beforeAll, expect, test } from 'bun:test'
import { nextCheck } from '../../src/domain/payments/check.schedule.ts'
import type { TransactionRef } from '../../src/domain/payments/provider.port.ts'
import { claimWebhooks } from '../../src/domain/payments/webhook-event.queue.ts'
import { after, hours } from '../../src/lib/time.ts'
import { openPayDesk, type PayDesk } from '../support/pay-desk.ts'

/**
 * Three ways in which late money once got stuck.
 * The first was found by seed 65 of the simulation: a shopper's first prompt times out, a second one is sent, and then the first turns out to be
 * paid. The message of that money must be taken in at once, whatever stands open beside it.
 */

let desk: PayDesk
beforeAll(async () => {
  desk = await openPayDesk()
})
afterAll(async () => await desk.close())

// The law of one open prompt an order does not count a charge whose money is being confirmed.
test('money of an ended prompt is taken in while another prompt is open', async () => {
  const first = await desk.order()
  const prompt = await desk.prompt(first)
  await desk.press(prompt, 'ignore')
  expect((await desk.charge(first)).state).toBe('expired')
  const second = await desk.again(first)
  await desk.prompt(second)
  expect((await desk.charge(second)).state).toBe('pending')
  const { sessionRef, paymentRef, amountMinor } = await desk.charge(first)
  await desk.callback(first, {
    Body: {
      stkCallback: {
        MerchantRequestID: paymentRef,
        CheckoutRequestID: sessionRef,
        ResultCode: 0,
        ResultDesc: 'The service request is processed successfully.',
        CallbackMetadata: {
          Item: [
            { Name: 'Amount', Value: Number(amountMinor / 100n) },
            { Name: 'MpesaReceiptNumber', Value: 'TKL1234567' },
          ],
        },
      },
    },
  })
  await desk.drain()
  const inbox = await desk.inbox()
  expect(inbox.map(({ state }) => state)).toEqual(['processed', 'processed'])
})

// A claim that comes after a day is asked about as often as any other.
test('a success claimed after more than a day is asked about until it is decided', async () => {
  const order = await desk.order()
  await desk.prompt(order)
  const charge = await desk.charge(order)
  const timing = desk.context.providers.get('mpesa')?.timing
  if (timing === undefined) throw new Error('no M-Pesa')
  const claimed = { ...charge, state: 'processing', stateReason: 'success_claimed', checks: 1 } as unknown as TransactionRef
  expect(nextCheck(timing, claimed, after(desk.clock.now(), hours(30)))).not.toBeNull()
})

// Seed 127185813 of the simulation: the message of the cancelled prompt overtook nothing, it came last, and called off the question.
test('a success claimed before the news of a cancelled prompt is still confirmed', async () => {
  const order = await desk.order()
  await desk.prompt(order)
  const { sessionRef, paymentRef, amountMinor } = await desk.charge(order)
  const told = (ResultCode: number, more = {}) =>
    desk.callback(order, {
      Body: { stkCallback: { MerchantRequestID: paymentRef, CheckoutRequestID: sessionRef, ResultCode, ResultDesc: 'told', ...more } },
    })
  await told(0, {
    CallbackMetadata: {
      Item: [
        { Name: 'Amount', Value: Number(amountMinor / 100n) },
        { Name: 'MpesaReceiptNumber', Value: 'TKL7654321' },
      ],
    },
  })
  const { applyWebhook } = await import('../../src/workflows/checkout/apply-webhook.ts')
  for (const message of await claimWebhooks(desk.context.payDb, desk.clock.now(), 10)) await applyWebhook(desk.context, message)
  const claimed = await desk.charge(order)
  expect(claimed).toMatchObject({ state: 'processing', stateReason: 'success_claimed' })
  expect(claimed.nextCheckAt).not.toBeNull()
  await told(1032)
  for (const message of await claimWebhooks(desk.context.payDb, desk.clock.now(), 10)) await applyWebhook(desk.context, message)
  expect(await desk.charge(order)).toMatchObject({ state: 'processing', nextCheckAt: claimed.nextCheckAt })
})
