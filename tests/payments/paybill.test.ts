import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import type { PersonActor } from '../../src/lib/actor.ts'
import { orderNumberMeant, parsePaybill } from '../../src/domain/payments/providers/mpesa.c2b.ts'
import { paybillToken } from '../../src/domain/payments/receive-paybill.ts'
import { transactions } from '../../src/domain/payments/transaction.table.ts'
import { decidePayment } from '../../src/workflows/checkout/decide-payment.ts'
import { makePerson } from '../support/factories.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
let staff: PersonActor
beforeAll(async () => {
  desk = await openPayDesk()
  const { accountId } = await makePerson(desk.context, { roles: ['support'] })
  staff = { kind: 'person', accountId, sessionId: '', name: 'Wanja', roles: ['support'], vendors: [], cartTokenHash: undefined }
})
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

/** An order whose prompt has ended without money, so that only a payment by hand can pay it. */
async function unprompted(): Promise<UnpaidOrder> {
  const order = await desk.order()
  await desk.press(await desk.prompt(order), 'cancel')
  return order
}

async function pay(account: string, amount: number): Promise<string> {
  const answer = await fetch(`${desk.origin}/sandbox/mpesa/paybill`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, amount }),
  })
  const { receipt, status } = (await answer.json()) as { receipt: string; status: number }
  expect(status).toBe(200)
  await desk.drain()
  return receipt
}

const byReceipt = async (receipt: string) =>
  (await desk.database.db.select().from(transactions).where(eq(transactions.receipt, receipt)))[0]
const balance = async (account: string): Promise<bigint> => (await desk.ledger())[account] ?? 0n

describe('a payment typed into M-Pesa by hand', () => {
  test('of the exact amount pays the order, however its number is written', async () => {
    for (const write of [(text: string) => text, (text: string) => text.toLowerCase().replace('-', ' '), (text: string) => text.slice(4)]) {
      const order = await unprompted()
      const receipt = await pay(write(order.number), 1_700)
      expect(await desk.orderState(order)).toBe('paid')
      expect(await byReceipt(receipt)).toMatchObject({ method: 'paybill', state: 'succeeded', capturedMinor: 170_000n, phone: null })
    }
  })

  test('of too much pays the order, and what is too much goes back', async () => {
    const order = await unprompted()
    const receipt = await pay(order.number, 2_000)
    expect(await desk.orderState(order)).toBe('paid')
    expect(await byReceipt(receipt)).toMatchObject({ state: 'succeeded', capturedMinor: 200_000n, refundPendingMinor: 30_000n })
    expect((await desk.charges(order)).find((row) => row.kind === 'refund')).toMatchObject({
      state: 'manual',
      stateReason: 'surplus',
      amountMinor: 30_000n,
    })
  })

  test('of too little is kept in suspense for a person, does not pay, and can go back', async () => {
    const order = await unprompted()
    const before = await balance('suspense')
    const row = await byReceipt(await pay(order.number, 1_000))
    expect(row).toMatchObject({ state: 'review', stateReason: 'underpaid', capturedMinor: 0n })
    expect(await desk.orderState(order)).toBe('awaiting_payment')
    expect(await balance('suspense')).toBe(before - 100_000n)
    expect(await decidePayment(desk.context, staff, row?.id ?? '', { kind: 'accept', reason: 'Sends it again in full' })).toBe('duplicate')
    expect(await desk.charge(row?.id ?? '')).toMatchObject({ state: 'duplicate', refundPendingMinor: 100_000n })
    expect(await balance('suspense')).toBe(before)
    await pay(order.number, 1_700)
    expect(await desk.orderState(order)).toBe('paid')
  })

  test('with a number that is no order’s waits for a person, who names the order', async () => {
    const order = await unprompted()
    const row = await byReceipt(await pay('mama mboga', 1_700))
    expect(row).toMatchObject({ state: 'review', stateReason: 'unknown_order', orderId: null })
    const decide = async (decision: Parameters<typeof decidePayment>[3]) =>
      await decidePayment(desk.context, staff, row?.id ?? '', decision).catch((error: unknown) => error)
    expect(await decide({ kind: 'reject', reason: 'Nobody knows' })).toMatchObject({ code: 'conflict' })
    expect(await decide({ kind: 'accept', reason: 'Called' })).toMatchObject({ code: 'conflict' })
    expect(await decide({ kind: 'accept', reason: 'She called', order: order.number })).toBe('paid')
    expect(await desk.orderState(order)).toBe('paid')
  })

  test('for an order that is paid already is a second payment and goes back', async () => {
    const order = await unprompted()
    await pay(order.number, 1_700)
    const row = await byReceipt(await pay(order.number, 1_700))
    expect(row).toMatchObject({ state: 'duplicate', refundPendingMinor: 170_000n })
  })

  test('is the prompt’s own payment when the prompt’s receipt is not known yet, and a receipt counts once', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.press(prompt, 'lose')
    const receipt = await pay(order.number, 1_700)
    desk.clock.advance(60_000)
    await desk.drain()
    expect(await desk.orderState(order)).toBe('paid')
    expect((await desk.charges(order)).map((row) => [row.method, row.state, row.receipt])).toEqual([['mpesa', 'succeeded', receipt]])
  })
})

test('the address is a secret, a repeat is one payment, and what is no confirmation is refused', async () => {
  const order = await unprompted()
  const token = paybillToken(desk.context.config.appSecret, desk.context.config.mpesa?.shortCode ?? '')
  const shortCode = desk.context.config.mpesa?.shortCode
  const body = {
    TransID: 'UBREPEAT01',
    TransAmount: '1700.00',
    BillRefNumber: order.number,
    BusinessShortCode: shortCode,
    MSISDN: '2547*****678',
  }
  const send = async (path: string, message: unknown) =>
    (
      await fetch(`${desk.origin}/webhooks/mpesa/c2b/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
      })
    ).status
  expect(await send('guessed/confirmation', body)).toBe(404)
  expect(await send('guessed/validation', body)).toBe(404)
  expect(await send(`${token}/validation`, body)).toBe(200)
  expect(await send(`${token}/confirmation`, { hello: 1 })).toBe(400)
  // Money that went to somebody else's paybill, or nobody's, is kept to be looked at and pays nothing.
  for (const [index, BusinessShortCode] of ['600000', undefined, {}].entries())
    expect(await send(`${token}/confirmation`, { ...body, TransID: `UBOTHER0${index}`, BusinessShortCode })).toBe(200)
  await desk.drain()
  expect(await desk.orderState(order)).toBe('awaiting_payment')
  expect((await desk.inbox()).filter(({ lastError }) => lastError === 'paid to another short code')).toHaveLength(3)
  expect(await Promise.all(Array.from({ length: 5 }, async () => await send(`${token}/confirmation`, body)))).toEqual([
    200, 200, 200, 200, 200,
  ])
  await desk.drain()
  expect(await desk.orderState(order)).toBe('paid')
  expect((await desk.charges(order)).filter((row) => row.method === 'paybill')).toHaveLength(1)
})

test('reading a confirmation is strict about money and forgiving about spelling', () => {
  expect(parsePaybill({ TransID: 'UB2K7H8J9L', TransAmount: '2500.00', BillRefNumber: ' rah 7k2m ', BusinessShortCode: 174379 })).toEqual({
    receipt: 'UB2K7H8J9L',
    amountMinor: 250_000n,
    account: ' rah 7k2m ',
    shortCode: '174379',
  })
  for (const broken of [
    null,
    [],
    {},
    { TransID: 'UB2K7H8J9L', TransAmount: '-5' },
    { TransID: '', TransAmount: '5' },
    { TransID: 'UB2K7H8J9L', TransAmount: false },
  ])
    expect(parsePaybill(broken)).toBeUndefined()
  expect(['rah-7k2m', 'RAH 7K2M', '7k2m', 'Rah.7k-2m'].map(orderNumberMeant)).toEqual(['RAH-7K2M', 'RAH-7K2M', 'RAH-7K2M', 'RAH-7K2M'])
})
