import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { orders } from '../../src/domain/orders/order.table.ts'
import { releaseHolds } from '../../src/domain/catalog/release-holds.ts'
import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { transactions } from '../../src/domain/payments/transaction.table.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { buy, checkoutBody, guest, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

// How goods could be had for nothing, or money taken for nothing, in the shop before this one; each by its number in the audit.
let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

interface Placed {
  readonly id: string
  readonly orderId: string
  readonly token: string
  readonly totalMinor: bigint
  readonly shopper: Visitor
}

async function place(stock = 5): Promise<Placed> {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock })
  const shopper = guest(shop)
  const placed = (await (await buy(shopper, variantId)).json()) as { orderToken: string; payment: { transactionId: string } }
  await shop.settle()
  const row = await charge(placed.payment.transactionId)
  return { id: row.id, orderId: row.orderId ?? '', token: placed.orderToken, totalMinor: row.amountMinor, shopper }
}

async function charge(id: string) {
  const [row] = await shop.context.db.select().from(transactions).where(eq(transactions.id, id))
  if (row === undefined) throw new Error('no charge')
  return row
}
const stateOf = async (id: string) => (await shop.context.db.select().from(orders).where(eq(orders.id, id)))[0]?.state

const proof = (placed: Placed) =>
  ({
    transactionId: placed.id,
    effect: 'captured',
    effectRef: placed.id,
    source: 'poll',
    provenAmountMinor: placed.totalMinor,
    provenCurrency: 'KES',
  }) as const

async function callback(placed: Placed, change: Record<string, unknown> = {}, amount = Number(placed.totalMinor / 100n)): Promise<object> {
  const row = await charge(placed.id)
  const Item = [
    { Name: 'Amount', Value: amount },
    { Name: 'MpesaReceiptNumber', Value: `UB${placed.id.slice(-8).toUpperCase()}` },
  ]
  return {
    Body: {
      stkCallback: {
        MerchantRequestID: row.paymentRef,
        CheckoutRequestID: row.sessionRef,
        ResultCode: 0,
        ResultDesc: 'ok',
        CallbackMetadata: { Item },
        ...change,
      },
    },
  }
}
const send = async (placed: Placed, body: string) =>
  (
    await shop.fetch(`/webhooks/mpesa/${callbackToken(shop.context.config.appSecret, 'mpesa', placed.id)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  ).status

describe('goods for nothing', () => {
  test('W1: opening the page of an unpaid order, however often, pays nothing', async () => {
    const placed = await place()
    for (const path of [`/pay/${placed.token}`, `/track/${placed.token}`, `/orders/payment/success/${placed.orderId}/`])
      await placed.shopper.get(path)
    expect(await stateOf(placed.orderId)).toBe('awaiting_payment')
    expect((await charge(placed.id)).capturedMinor).toBe(0n)
  })

  test('W2: the proof of one order pays no other', async () => {
    const [mine, other] = [await place(), await place()]
    await settlePayment(shop.context, { ...proof(mine), sessionRef: (await charge(other.id)).sessionRef ?? '' })
    expect(await charge(mine.id)).toMatchObject({ state: 'review', stateReason: 'ids_differ', capturedMinor: 0n })
    expect(await stateOf(mine.orderId)).toBe('awaiting_payment')
  })

  test('W3: an unsigned message pays nothing and is not even kept', async () => {
    const before = (await shop.context.db.select().from(webhookEvents)).length
    for (const provider of ['paypal', 'stripe', 'paystack']) {
      const answer = await shop.post(`/webhooks/${provider}`, {
        event_type: 'PAYMENT.CAPTURE.COMPLETED',
        resource: { invoice_id: 'RAH-1' },
      })
      expect([400, 401, 404]).toContain(answer.status)
    }
    expect((await shop.context.db.select().from(webhookEvents)).length).toBe(before)
  })

  test('W4: a callback of the right form to a guessed address does nothing; to the right one it only asks M-Pesa, which knows of no money', async () => {
    const placed = await place()
    const guessed = await shop.post(`/webhooks/mpesa/${'x'.repeat(43)}`, await callback(placed))
    expect(guessed.status).toBe(404)
    expect(await send(placed, JSON.stringify(await callback(placed)))).toBe(200)
    await shop.settle()
    expect(await stateOf(placed.orderId)).toBe('awaiting_payment')
    expect((await charge(placed.id)).capturedMinor).toBe(0n)
  })

  test('W5: a shilling too little or too much, or another currency, is a review', async () => {
    for (const change of [{ provenAmountMinor: 169_900n }, { provenAmountMinor: 170_100n }, { provenCurrency: 'USD' }]) {
      const placed = await place()
      await settlePayment(shop.context, { ...proof(placed), ...change })
      expect(await charge(placed.id)).toMatchObject({ state: 'review', capturedMinor: 0n })
      expect(await stateOf(placed.orderId)).toBe('awaiting_payment')
    }
  })
})

describe('money for nothing', () => {
  test('W6: a message that was stored before the process died is applied when it lives again', async () => {
    const placed = await place()
    expect(await send(placed, JSON.stringify(await callback(placed, { ResultCode: 1032, CallbackMetadata: undefined })))).toBe(200)
    expect((await charge(placed.id)).state).not.toBe('cancelled')
    await shop.settle()
    expect((await charge(placed.id)).state).toBe('cancelled')
  })

  test('W7: the same checkout sent again is the same order, not another', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const shopper = guest(shop)
    await shopper.post('/api/v1/cart/lines', { variantId, quantity: 1 })
    const key = crypto.randomUUID()
    const answers = await Promise.all(
      [0, 1].map(async () => await (await shopper.post('/api/v1/checkout', checkoutBody(), { 'idempotency-key': key })).text()),
    )
    expect(answers[0]).toBe(answers[1] ?? '')
  })

  test('W8 and W9: a success after a failure still pays', async () => {
    const placed = await place()
    await settlePayment(shop.context, {
      transactionId: placed.id,
      effect: 'failed',
      effectRef: 'no',
      source: 'webhook',
      reason: 'wrong_pin',
    })
    expect((await charge(placed.id)).state).toBe('failed')
    await settlePayment(shop.context, proof(placed))
    expect(await stateOf(placed.orderId)).toBe('paid')
  })

  test('W10: money for goods that are gone is owed back in the same commit', async () => {
    const placed = await place(1)
    await shop.context.db.transaction(async (tx) => await releaseHolds(tx, systemStamp('test', shop.context), placed.orderId))
    const [taken] = await shop.context.db.execute<{ variant_id: string }>(
      `select variant_id from order_lines where order_id = '${placed.orderId}'`,
    )
    expect((await buy(guest(shop), taken?.variant_id ?? '')).status).toBe(201)
    expect(await settlePayment(shop.context, proof(placed))).toBe('surplus')
    expect(await charge(placed.id)).toMatchObject({ capturedMinor: placed.totalMinor, refundPendingMinor: placed.totalMinor })
  })

  test('W11: the refund of a second payment is a row with its target, asked for once however often it is told', async () => {
    const placed = await place()
    await settlePayment(shop.context, { transactionId: placed.id, effect: 'cancelled', effectRef: 'c', source: 'webhook' })
    const again = (await (
      await placed.shopper.post(`/api/v1/orders/${(await orderNumber(placed.orderId)) ?? ''}/pay?token=${placed.token}`, {
        method: 'mpesa',
      })
    ).json()) as {
      transactionId: string
    }
    await settlePayment(shop.context, { ...proof(placed), transactionId: again.transactionId, effectRef: again.transactionId })
    for (let i = 0; i < 3; i += 1) await settlePayment(shop.context, proof(placed))
    const refunds = await shop.context.db.select().from(transactions).where(eq(transactions.parentId, placed.id))
    expect(refunds.map((row) => [row.kind, row.amountMinor])).toEqual([['refund', placed.totalMinor]])
  })

  test('W12: a copy in another spelling is the same message', async () => {
    const placed = await place()
    const body = await callback(placed, { ResultCode: 1032, CallbackMetadata: undefined })
    expect(await send(placed, JSON.stringify(body))).toBe(200)
    expect(await send(placed, JSON.stringify(body, null, 4))).toBe(200)
    const rows = await shop.context.db.select().from(webhookEvents).where(eq(webhookEvents.transactionId, placed.id))
    expect(rows).toHaveLength(1)
  })
})

const orderNumber = async (id: string) => (await shop.context.db.select().from(orders).where(eq(orders.id, id)))[0]?.number
