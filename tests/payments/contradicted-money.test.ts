import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { PaymentFact } from '../../src/domain/payments/provider.port.ts'
import { listBreaks } from '../../src/domain/payments/money-desk.queries.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

/** A provider's message that does not fit money proven before it: nothing is taken back, and nothing is silently wrong. */

let desk: PayDesk
beforeAll(async () => {
  desk = await openPayDesk()
})
afterAll(async () => {
  await desk.drain()
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

const breaksOf = async (order: UnpaidOrder) =>
  (await listBreaks(desk.database.db, { isOpen: true, limit: 100 })).filter(({ transactionId }) => transactionId === order.transactionId)

/** A prompt whose payment the status query proved before any callback came. The query names no amount. */
async function paidByPoll(): Promise<UnpaidOrder & { readonly checkout: string }> {
  const order = await desk.order()
  const checkout = `ws_CO_${order.transactionId}`
  await settlePayment(desk.context, {
    transactionId: order.transactionId,
    effect: 'accepted',
    effectRef: checkout,
    source: 'api',
    sessionRef: checkout,
    paymentRef: `m-${checkout}`,
  })
  await settlePayment(desk.context, {
    transactionId: order.transactionId,
    effect: 'captured',
    effectRef: checkout,
    source: 'poll',
    sessionRef: checkout,
    provenAmountMinor: order.totalMinor,
    provenCurrency: 'KES',
  })
  expect(await desk.orderState(order)).toBe('paid')
  return { ...order, checkout }
}

const claim = (order: UnpaidOrder & { readonly checkout: string }, receipt: string, amountMinor: bigint): PaymentFact => ({
  transactionId: order.transactionId,
  effect: 'success_claimed',
  effectRef: `${order.checkout}:${receipt}`,
  source: 'webhook',
  sessionRef: order.checkout,
  paymentRef: `m-${order.checkout}`,
  receipt,
  provenAmountMinor: amountMinor,
  provenCurrency: 'KES',
})

describe('after a poll has proven the money', () => {
  test('a callback that names less opens one break for a person, however often it comes; the order stays paid', async () => {
    const order = await paidByPoll()
    const news = claim(order, 'TKLLESS001', order.totalMinor - 100n)
    expect(await settlePayment(desk.context, news)).toBe('contradicted')
    expect(await settlePayment(desk.context, news)).toBe('repeated')
    await Promise.all([1, 2, 3].map(async () => await settlePayment(desk.context, news)))
    const [found, ...more] = await breaksOf(order)
    expect(more).toEqual([])
    expect(found).toMatchObject({
      provider: 'mpesa',
      kind: 'amount_differs',
      providerRef: 'TKLLESS001',
      theirMinor: Number(order.totalMinor) - 100,
      ourMinor: Number(order.totalMinor),
    })
    expect(await desk.orderState(order)).toBe('paid')
    expect((await desk.charge(order)).state).toBe('succeeded')
    // The receipt of a message that does not fit is not believed.
    expect((await desk.charge(order)).receipt).toBeNull()
  })

  test('another receipt for the same prompt may be money twice: a person looks', async () => {
    const order = await paidByPoll()
    await settlePayment(desk.context, claim(order, 'TKLFIRST01', order.totalMinor))
    expect(await breaksOf(order)).toEqual([])
    expect(await settlePayment(desk.context, claim(order, 'TKLSECOND1', order.totalMinor))).toBe('contradicted')
    expect(await breaksOf(order)).toMatchObject([{ kind: 'state_differs', providerRef: 'TKLSECOND1' }])
  })

  test('a callback that fits fills in the receipt and opens nothing', async () => {
    const order = await paidByPoll()
    await settlePayment(desk.context, claim(order, 'TKLFITS001', order.totalMinor))
    expect((await desk.charge(order)).receipt).toBe('TKLFITS001')
    expect(await breaksOf(order)).toEqual([])
  })
})
