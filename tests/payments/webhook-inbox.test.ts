import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { receiveWebhook } from '../../src/domain/payments/receive-webhook.ts'
import { callbackBody, type Prompt } from '../../src/domain/payments/simulators/mpesa.prompt.ts'
import { transactionEvents, transactions } from '../../src/domain/payments/transaction.table.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { seconds } from '../../src/lib/time.ts'
import { createDb } from '../../src/platform/db.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

/** A callback as the real one looks, for a prompt that is out. */
async function message(
  order: UnpaidOrder,
  resultCode: number,
  change: { amount?: number; receipt?: string; checkout?: string; merchant?: string } = {},
): Promise<unknown> {
  const charge = await desk.charge(order)
  const prompt = {
    checkoutRequestId: change.checkout ?? charge.sessionRef,
    merchantRequestId: change.merchant ?? charge.paymentRef,
    amount: 1_700,
    phone: order.phone,
    receipt: change.receipt ?? 'UB2K7H8J9L',
  } as Prompt
  return callbackBody(prompt, resultCode, { now: desk.clock.now(), ...(change.amount === undefined ? {} : { amount: change.amount }) })
}

const inboxOf = async (order: UnpaidOrder) =>
  await desk.database.db.select().from(webhookEvents).where(eq(webhookEvents.transactionId, order.transactionId))

describe('the address of callbacks', () => {
  test('a wrong token is not found, whatever the body, and nothing is stored', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    const before = (await desk.inbox()).length
    for (const body of [await message(order, 0), '{', '', '[]', 'null', '\u0000']) {
      const answer = await desk.callback(order, body, 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'not_found' })
    }
    expect(await desk.inbox()).toHaveLength(before)
  })

  test('a body that is no JSON object is refused at the right address', async () => {
    const order = await desk.order()
    for (const body of ['{', '', '[]', 'null', '1', '"x"', '{"a":1}}']) expect((await desk.callback(order, body)).status).toBe(400)
    const invalidUtf8 = await fetch(`${desk.origin}/webhooks/mpesa/${order.token}`, {
      method: 'POST',
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    })
    expect(invalidUtf8.status).toBe(400)
  })

  test('a body above the limit is refused while it streams in', async () => {
    const order = await desk.order()
    const big = JSON.stringify({ Body: 'x'.repeat(300_000) })
    expect((await desk.callback(order, big)).status).toBe(413)
    const chunked = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 40; i += 1) controller.enqueue(new TextEncoder().encode('y'.repeat(10_000)))
        controller.close()
      },
    })
    expect((await fetch(`${desk.origin}/webhooks/mpesa/${order.token}`, { method: 'POST', body: chunked })).status).toBe(413)
  })

  test('the content type does not matter, and the old address takes the same messages', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    const body = JSON.stringify(await message(order, 1032))
    expect(
      (await fetch(`${desk.origin}/webhook/mpesa/${order.token}/`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } }))
        .status,
    ).toBe(200)
    await desk.drain()
    expect((await desk.charge(order)).state).toBe('cancelled')
  })

  test('JSON that is no callback is kept, answered, and shows up as ignored', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    const strange = [
      {},
      { Body: {} },
      { Body: { stkCallback: { CheckoutRequestID: 'ws_CO_1', ResultCode: null } } },
      { Body: { stkCallback: { CheckoutRequestID: 'ws_CO_1', ResultCode: '' } } },
      { Body: { stkCallback: { CheckoutRequestID: 'a\u0000b', ResultCode: 0 } } },
      { Body: { stkCallback: { CheckoutRequestID: '\ud800', ResultCode: false } } },
    ]
    for (const body of strange) expect((await desk.callback(order, body)).status).toBe(200)
    await desk.drain()
    expect((await inboxOf(order)).map((row) => row.state)).toEqual(strange.map(() => 'ignored'))
    expect((await desk.charge(order)).state).toBe('pending')
  })

  test('when the inbox cannot be written the provider is asked to send again', async () => {
    const order = await desk.order()
    const dead = createDb({ url: 'postgres://nobody@127.0.0.1:1/none', lane: 'dead', connections: 1, gateWaitMs: 500, connectTimeoutS: 1 })
    const provider = desk.context.providers.get('mpesa')
    if (provider === undefined) throw new Error('no M-Pesa')
    const webhook = { body: new TextEncoder().encode('{"Body":{}}'), headers: {}, addressToken: order.token }
    expect(receiveWebhook({ ...desk.context, inboxDb: dead.urgentDb }, provider, webhook)).rejects.toMatchObject({
      code: 'unavailable',
      status: 503,
    })
    await dead.close()
  })
})

describe('forgeries', () => {
  test('a success by somebody who knows the address but never had the money is not believed', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    // The query says "being processed": the prompt is still on the phone.
    await desk.callback(order, await message(order, 0))
    await desk.drain()
    const charge = await desk.charge(order)
    expect({ state: charge.state, reason: charge.stateReason, order: await desk.orderState(order) }).toEqual({
      state: 'processing',
      reason: 'success_claimed',
      order: 'awaiting_payment',
    })
  })

  test('one shilling off, up or down, is a review', async () => {
    for (const amount of [1_699, 1_701, 1]) {
      const order = await desk.order()
      await desk.prompt(order)
      await desk.callback(order, await message(order, 0, { amount, receipt: `OFF${amount}AAAA` }))
      await desk.drain()
      const charge = await desk.charge(order)
      expect({ state: charge.state, reason: charge.stateReason, receipt: charge.receipt }).toEqual({
        state: 'review',
        reason: 'amount_differs',
        receipt: null,
      })
    }
  })

  test('ids of another prompt are a review when they claim money and nothing when they do not', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    await desk.callback(order, await message(order, 1032, { checkout: 'ws_CO_other' }))
    await desk.drain()
    expect((await desk.charge(order)).state).toBe('pending')
    expect((await inboxOf(order)).map((row) => row.state)).toEqual(['ignored'])
    await desk.callback(order, await message(order, 0, { checkout: 'ws_CO_other' }))
    await desk.drain()
    expect(await desk.charge(order)).toMatchObject({ state: 'review', stateReason: 'ids_differ' })
  })

  test('a receipt counts once', async () => {
    const first = await desk.order()
    const prompt = await desk.prompt(first)
    await desk.press(prompt, 'pin')
    const { receipt } = await desk.charge(first)
    const second = await desk.order()
    await desk.prompt(second)
    await desk.callback(second, await message(second, 0, { receipt: receipt ?? '' }))
    await desk.drain()
    expect(await desk.charge(second)).toMatchObject({ state: 'review', stateReason: 'receipt_used' })
  })
})

describe('repeats', () => {
  test('one callback a thousand times over fifty connections is one row, one capture, and a thousand times 200', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    desk.context.outbox.start()
    await fetch(`${desk.origin}/sandbox/mpesa/prompts/${prompt}/pin`, { method: 'POST' })
    const started = performance.now()
    const resent = await fetch(`${desk.origin}/sandbox/mpesa/prompts/${prompt}/resend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ times: 1_000 }),
    })
    const { statuses } = (await resent.json()) as { statuses: number[] }
    const tookMs = performance.now() - started
    await desk.context.outbox.stop()
    await desk.drain()
    expect(statuses).toHaveLength(1_000)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect((await inboxOf(order)).map((row) => row.state)).toEqual(['processed'])
    const captured = (await desk.events(order.transactionId)).filter((event) => event.effect === 'captured')
    expect(captured).toHaveLength(1)
    expect(await desk.orderState(order)).toBe('paid')
    console.log(`  1,000 repeats over 50 connections: ${Math.round(tookMs)} ms`)
  })

  test('a message whose work failed is worked again, and a repeat of it meanwhile changes nothing', async () => {
    const order = await desk.order()
    await desk.prompt(order)
    const body = await message(order, 1032)
    await desk.callback(order, body)
    // Its first try meets a row somebody else holds: the statement gives up after the lock time-out.
    const held = Promise.withResolvers<void>()
    const isHeld = Promise.withResolvers<void>()
    const holder = desk.database.db.transaction(async (tx) => {
      await tx.select().from(transactions).where(eq(transactions.id, order.transactionId)).for('update')
      isHeld.resolve()
      await held.promise
    })
    await isHeld.promise
    await desk.drain()
    held.resolve()
    await holder
    expect((await inboxOf(order)).map((row) => row.state)).toEqual(['failed'])
    await desk.callback(order, body)
    desk.clock.advance(seconds(5))
    await desk.drain()
    expect((await inboxOf(order)).map((row) => row.state)).toEqual(['processed'])
    expect((await desk.charge(order)).state).toBe('cancelled')
    expect(
      await desk.database.db
        .select()
        .from(transactionEvents)
        .where(eq(transactionEvents.webhookEventId, (await inboxOf(order))[0]?.id ?? '')),
    ).toHaveLength(1)
  })
})
