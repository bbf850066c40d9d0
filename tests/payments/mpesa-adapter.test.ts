import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createMpesa } from '../../src/domain/payments/providers/mpesa.provider.ts'
import { parseStkCallback } from '../../src/domain/payments/providers/mpesa.callback.ts'
import { mpesaResult, parseResultCode } from '../../src/domain/payments/providers/mpesa.codes.ts'
import { createMpesaToken } from '../../src/domain/payments/providers/mpesa.token.ts'
import type { PaymentFact, TransactionRef } from '../../src/domain/payments/provider.port.ts'
import { nextCheck } from '../../src/domain/payments/check.schedule.ts'
import { after, seconds } from '../../src/lib/time.ts'
import { readConfig } from '../../src/platform/config.ts'
import { type Outgoing, type OutgoingAnswer, type OutgoingCall, OutgoingError } from '../../src/platform/outgoing.ts'
import { weigh } from '../../src/workflows/checkout/ask-provider.ts'
import { fakeClock } from '../support/fake-clock.ts'

const { mpesa } = readConfig({ NODE_ENV: 'test', PORT: '3000' })
if (mpesa === undefined) throw new Error('the sandbox is on in tests')

const transaction: TransactionRef = {
  id: 'a1',
  reference: 'RAH-7K2M9QXB-1',
  orderNumber: 'RAH-7K2M9QXB',
  state: 'pending',
  stateReason: undefined,
  amountMinor: 170_000n,
  providerAmountMinor: 170_000n,
  providerCurrency: 'KES',
  phone: '254712345678',
  email: undefined,
  returnUrl: 'https://shop.example/pay/t',
  sessionRef: 'ws_CO_1',
  paymentRef: 'm-1',
  receipt: undefined,
  callbackToken: 'token',
  createdAt: new Date('2026-11-24T08:59:00Z'),
  attemptedAt: new Date('2026-11-24T08:59:00Z'),
  checks: 1,
}

/** An outside world that answers the token and then what it is told. */
function world(...answers: (OutgoingAnswer | Error)[]): { outgoing: Outgoing; calls: OutgoingCall[] } {
  const calls: OutgoingCall[] = []
  const outgoing: Outgoing = {
    async call(call) {
      calls.push(call)
      if (call.purpose === 'mpesa token') return { status: 200, json: { access_token: `t${calls.length}`, expires_in: '3599' } }
      const answer = answers.shift()
      if (answer === undefined) throw new Error('one call too many')
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  return { outgoing, calls }
}

describe('result codes', () => {
  test('are read strictly: nothing but zero is zero', () => {
    for (const value of [0, '0', '00']) expect(parseResultCode(value)).toBe(0)
    for (const value of [
      null,
      undefined,
      '',
      ' ',
      false,
      true,
      [],
      [0],
      {},
      '0.0',
      '0x0',
      ' 0',
      '-0',
      '1e1',
      0.5,
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
    ])
      expect(parseResultCode(value)).toBeUndefined()
    expect(parseResultCode(1032)).toBe(1032)
    expect(parseResultCode('1032')).toBe(1032)
  })

  test('no code but zero is ever a success', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 99_999 }), (code) => mpesaResult(code).effect !== 'success_claimed'))
  })
})

describe('callbacks', () => {
  test('whatever JSON comes, reading it neither throws nor makes a success of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const message of [body, { Body: body }, { Body: { stkCallback: body } }]) {
          const callback = parseStkCallback(message)
          if (callback !== undefined) expect(typeof callback.resultCode).toBe('number')
        }
      }),
    )
  })

  test('an amount may be written in four ways', () => {
    const amounts = [2500, 2500.0, '2500', '2500.00'].map(
      (Value) =>
        parseStkCallback({
          Body: { stkCallback: { CheckoutRequestID: 'ws_CO_1', ResultCode: 0, CallbackMetadata: { Item: [{ Name: 'Amount', Value }] } } },
        })?.amountMinor,
    )
    expect(amounts).toEqual([250_000n, 250_000n, 250_000n, 250_000n])
  })
})

describe('asking', () => {
  const ask = async (...answers: (OutgoingAnswer | Error)[]): Promise<PaymentFact | Error> => {
    const { outgoing } = world(...answers)
    return await createMpesa({ mpesa, outgoing, clock: fakeClock() })
      .ask(transaction)
      .catch((error: Error) => error)
  }
  const ok = (ResultCode: unknown, extra: object = {}): OutgoingAnswer => ({
    status: 200,
    json: { ResponseCode: '0', CheckoutRequestID: 'ws_CO_1', ResultCode, ...extra },
  })

  test('"being processed" is no failure, in either of its forms', async () => {
    expect(
      await ask({ status: 500, json: { errorCode: '500.001.1001', errorMessage: 'The transaction is being processed' } }),
    ).toMatchObject({ effect: 'checked' })
    expect(await ask(ok('4999'))).toMatchObject({ effect: 'checked' })
  })

  test('zero, as text or number, is money with the pushed amount', async () => {
    for (const code of ['0', 0])
      expect(await ask(ok(code))).toMatchObject({
        effect: 'captured',
        effectRef: 'ws_CO_1',
        provenAmountMinor: 170_000n,
        provenCurrency: 'KES',
      })
  })

  test('a code that cannot be read, an answer about another request, and every error are no answer', async () => {
    for (const code of [null, '', false, 'SFC_IC0003', 'TP40087', undefined]) expect(await ask(ok(code))).toBeInstanceOf(OutgoingError)
    expect(await ask(ok('0', { CheckoutRequestID: 'ws_CO_2' }))).toBeInstanceOf(OutgoingError)
    expect(await ask(ok('0', { ResponseCode: '1' }))).toBeInstanceOf(OutgoingError)
    expect(
      await ask({ status: 500, json: { errorCode: '500.001.1001', errorMessage: '[MerchantValidate] - Wrong credentials' } }),
    ).toBeInstanceOf(OutgoingError)
    expect(await ask({ status: 429, json: { fault: {} } })).toBeInstanceOf(OutgoingError)
    expect(await ask(new OutgoingError('timeout', 'host'))).toBeInstanceOf(OutgoingError)
  })

  test('the text codes of a failure are the same as the numbers', async () => {
    expect(await ask(ok('1032'))).toMatchObject({ effect: 'cancelled', reason: 'cancelled_by_customer' })
    expect(await ask(ok('1'))).toMatchObject({ effect: 'failed', reason: 'insufficient_funds' })
  })
})

describe('pushing', () => {
  const push = async (...answers: (OutgoingAnswer | Error)[]) => {
    const { outgoing, calls } = world(...answers)
    const outcome = await createMpesa({ mpesa, outgoing, clock: fakeClock() })
      .start(transaction)
      .catch((error: Error) => error)
    return { outcome, pushes: calls.filter((call) => call.purpose === 'mpesa push') }
  }

  test('goes out with Nairobi time in the password, whole shillings and a plain reference', async () => {
    const { outcome, pushes } = await push({
      status: 200,
      json: { ResponseCode: '0', CheckoutRequestID: 'ws_CO_9', MerchantRequestID: 'm-9' },
    })
    expect(outcome).toMatchObject({ effect: 'accepted', sessionRef: 'ws_CO_9', paymentRef: 'm-9' })
    expect(pushes[0]?.body).toMatchObject({
      Timestamp: '20261124120000',
      Password: Buffer.from(`${mpesa.shortCode}${mpesa.passkey}20261124120000`).toString('base64'),
      Amount: 1_700,
      AccountReference: 'RAH7K2M9QXB',
      TransactionDesc: 'Rahim Online',
      CallBackURL: 'http://127.0.0.1:3000/webhooks/mpesa/token',
    })
  })

  test('an answer that leaves it open whether the prompt went out is unknown, and not repeated', async () => {
    for (const answer of [
      new OutgoingError('timeout', 'h'),
      new OutgoingError('not_json', 'h', 503),
      { status: 504, json: { fault: {} } },
      { status: 200, json: {} },
      { status: 200, json: { ResponseCode: '0' } },
      { status: 200, json: null },
    ]) {
      const { outcome, pushes } = await push(answer)
      expect(outcome).toBeInstanceOf(OutgoingError)
      expect(pushes).toHaveLength(1)
    }
  })

  test('a definite no is a definite no', async () => {
    for (const answer of [
      { status: 400, json: { errorCode: '400.002.02', errorMessage: 'Bad Request - Invalid PhoneNumber' } },
      { status: 200, json: { ResponseCode: '1', ResponseDescription: 'no' } },
      { status: 429, json: { fault: {} } },
    ]) {
      expect((await push(answer)).outcome).toMatchObject({ effect: 'rejected' })
    }
  })

  test('a refused token is renewed once, not for ever', async () => {
    const refused = { status: 404, json: { errorCode: '404.001.03', errorMessage: 'Invalid Access Token' } }
    expect((await push(refused, { status: 200, json: { ResponseCode: '0', CheckoutRequestID: 'ws_CO_9' } })).pushes).toHaveLength(2)
    const twice = await push(refused, refused)
    expect(twice.pushes).toHaveLength(2)
    expect(twice.outcome).toMatchObject({ effect: 'rejected' })
  })
})

test('twenty callers ask for one token, and a new one is fetched a minute before it ends', async () => {
  const clock = fakeClock()
  const { outgoing, calls } = world()
  const token = createMpesaToken({ mpesa, outgoing, clock })
  expect(new Set(await Promise.all(Array.from({ length: 20 }, async () => await token.get()))).size).toBe(1)
  clock.advance(seconds(3_538))
  await token.get()
  expect(calls).toHaveLength(1)
  clock.advance(seconds(2))
  await token.get()
  expect(calls).toHaveLength(2)
})

describe('weighing an answer', () => {
  const provider = createMpesa({ mpesa, outgoing: world().outgoing, clock: fakeClock() })
  const at = (ageS: number): Date => after(transaction.createdAt, seconds(ageS))
  const no: PaymentFact = {
    transactionId: 'a1',
    effect: 'cancelled',
    effectRef: 'ws_CO_1',
    source: 'poll',
    reason: 'cancelled_by_customer',
  }
  const open: PaymentFact = { transactionId: 'a1', effect: 'checked', effectRef: 'c', source: 'poll' }
  const claimed: TransactionRef = { ...transaction, state: 'processing', stateReason: 'success_claimed' }

  test('a "no" counts only when the prompt is surely over', () => {
    expect(weigh(provider, transaction, no, at(60))).toMatchObject({ effect: 'checked', reason: 'too_soon_for_no' })
    expect(weigh(provider, transaction, no, at(91))).toMatchObject({ effect: 'cancelled' })
  })

  test('a "no" against a claimed success is for a person, at any age', () => {
    for (const age of [5, 500])
      expect(weigh(provider, claimed, no, at(age))).toMatchObject({ effect: 'contradiction', reason: 'contradiction' })
  })

  test('silence expires a charge after five minutes, but never when nobody could be asked, and never a claimed one', () => {
    expect(weigh(provider, transaction, open, at(299))).toMatchObject({ effect: 'checked' })
    expect(weigh(provider, transaction, open, at(301))).toMatchObject({ effect: 'expired', reason: 'no_answer' })
    expect(weigh(provider, transaction, 'unreachable', at(50_000))).toBeUndefined()
    expect(weigh(provider, claimed, open, at(3_000))).toMatchObject({ effect: 'checked' })
  })

  test('a claimed success is asked about after 5, 10, 20, 40 and 80 seconds, then every five minutes', () => {
    const gaps = Array.from(
      { length: 8 },
      (_, index) => (nextCheck(provider.timing, { ...claimed, checks: index + 1 }, at(60))?.getTime() ?? 0) - at(60).getTime(),
    )
    expect(gaps.map((gap) => gap / 1_000)).toEqual([5, 10, 20, 40, 80, 300, 300, 300])
  })
})
