import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { TransactionRef } from '../../src/domain/payments/provider.port.ts'
import { dollarsFor, moneyValue, readMoney } from '../../src/domain/payments/providers/paypal.money.ts'
import { createPaypal } from '../../src/domain/payments/providers/paypal.provider.ts'
import { signedText } from '../../src/domain/payments/providers/paypal.signature.ts'
import { createAuthority } from '../../src/domain/payments/simulators/paypal.certificates.ts'
import type { PaypalAction, PaypalSimulator } from '../../src/domain/payments/simulators/paypal.simulator.ts'
import { days, hours } from '../../src/lib/time.ts'
import { readConfig } from '../../src/platform/config.ts'
import { type OutgoingCall, OutgoingError } from '../../src/platform/outgoing.ts'
import { chargeRef, paypalBench, type ProviderBench, refundRef } from '../support/provider-bench.ts'

let bench: ProviderBench<PaypalSimulator>
beforeAll(async () => void (bench = await paypalBench()))
afterEach(() => {
  bench.simulator.reset()
  bench.simulator.turn({ retryMs: 600_000 })
  bench.arrivals.length = 0
  bench.calls.length = 0
  bench.answers.length = 0
})
afterAll(async () => await bench.close())

const dollars = { providerAmountMinor: 1_938n, providerCurrency: 'USD', amountMinor: 250_000n }

async function opened(wish: Partial<TransactionRef> = {}): Promise<TransactionRef> {
  const charge = chargeRef({ ...dollars, ...wish })
  const fact = await bench.provider.start(charge)
  expect(fact).toMatchObject({ effect: 'accepted', transactionId: charge.id })
  return { ...charge, sessionRef: fact.sessionRef }
}
async function acted(action: PaypalAction): Promise<TransactionRef> {
  const charge = await opened()
  await bench.simulator.act(charge.sessionRef ?? '', action)
  return charge
}
/** Approved and captured; the message about the capture has come. */
async function paid(): Promise<TransactionRef> {
  const charge = await acted('approve')
  const fact = await bench.provider.ask(charge)
  await bench.arrived(bench.arrivals.length + (bench.arrivals.some(isCapture(fact.paymentRef)) ? 0 : 1))
  return { ...charge, state: 'succeeded', paymentRef: fact.paymentRef }
}
const isCapture =
  (id: string | undefined) =>
  (arrival: { body: Uint8Array }): boolean =>
    Buffer.from(arrival.body).includes('"PAYMENT.CAPTURE.') && id !== undefined && Buffer.from(arrival.body).includes(id)
const failing = async (work: Promise<unknown>): Promise<unknown> => await work.catch((error: unknown) => error)
const reading = (arrival: { body: Uint8Array } | undefined) => bench.provider.readWebhook(arrival?.body ?? new Uint8Array())
const message = (event_type: string, resource: object) =>
  reading({ body: new TextEncoder().encode(JSON.stringify({ id: 'WH-1', event_type, resource })) })
const purposes = (): string[] => bench.calls.map(({ purpose }) => purpose)

describe('the price in dollars', () => {
  test('is the order’s at the quoted rate, half up, and never nothing', () => {
    expect(dollarsFor(250_000n, '129.00')).toBe(1_938n)
    expect(dollarsFor(12_900n, '129')).toBe(100n)
    expect(dollarsFor(193_500n, '129.000000')).toBe(1_500n)
    // 64.5 KES cents of 129 are half a US cent.
    expect(dollarsFor(6_450n, '12900.00')).toBe(1n)
    expect(dollarsFor(19_350n, '12900.00')).toBe(2n)
    expect(dollarsFor(1n, '129.25')).toBe(1n)
    expect(bench.provider.price(250_000n)).toEqual({ amountMinor: 1_938n, currency: 'USD', fxRate: '129.00' })
  })
  test('is written with exactly two decimals and read in any form', () => {
    expect([1_938n, 5n, 100n, 0n].map(moneyValue)).toEqual(['19.38', '0.05', '1.00', '0.00'])
    for (const value of ['19', '19.0', '19.00', 19])
      expect(readMoney({ value, currency_code: 'usd' })).toEqual({ amountMinor: 1_900n, currency: 'USD' })
    for (const value of ['', '19.001', 'x', null, undefined, '1e3', Number.NaN])
      expect(readMoney({ value, currency_code: 'USD' })).toBeUndefined()
    expect(readMoney({ value: '1.00' })).toBeUndefined()
  })
})

describe('starting at PayPal', () => {
  test('makes an order in dollars under our ids and one request id, and sends the payer to approve it', async () => {
    const charge = chargeRef(dollars)
    const fact = await bench.provider.start(charge)
    expect(bench.calls.at(-1)).toMatchObject({
      headers: { 'paypal-request-id': `ord:${charge.id}`, prefer: 'return=representation' },
      body: {
        intent: 'CAPTURE',
        purchase_units: [{ custom_id: charge.id, invoice_id: charge.reference, amount: { currency_code: 'USD', value: '19.38' } }],
        payment_source: {
          paypal: { experience_context: { payment_method_preference: 'IMMEDIATE_PAYMENT_REQUIRED', return_url: charge.returnUrl } },
        },
      },
    })
    expect(fact.nextAction).toEqual({ kind: 'redirect', url: `${bench.origin}/sandbox/paypal/checkoutnow?token=${fact.sessionRef}` })
  })

  for (const fault of ['lost_html', 'lost_truncated', 'html', 'error500', 'rate_limit'] as const) {
    test(`a lost answer (${fault}) is unknown, and the same request id finds the one order`, async () => {
      bench.simulator.turn({ fault, faultOn: 'create', faultsLeft: 1 })
      const charge = chargeRef(dollars)
      expect(await failing(bench.provider.start(charge))).toBeInstanceOf(OutgoingError)
      expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'accepted', nextAction: { kind: 'redirect' } })
      expect(bench.simulator.orders()).toHaveLength(1)
    })
  }

  test('after six hours PayPal has forgotten the request id, so nothing is made anew', async () => {
    const at = bench.clock.now()
    const charge = chargeRef({ ...dollars, attemptedAt: new Date(at.getTime() - hours(6)) })
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'checked', reason: 'no_id_yet' })
    expect(bench.simulator.orders()).toHaveLength(0)
  })

  test('a repeat is answered 200 in place of 201, and is the same order', async () => {
    const charge = chargeRef(dollars)
    const [first, second] = [await bench.provider.start(charge), await bench.provider.start(charge)]
    expect(second.sessionRef).toBe(first.sessionRef ?? '')
  })

  test('KES is refused by PayPal and told as a definite no', async () =>
    expect(await bench.provider.start(chargeRef())).toMatchObject({
      effect: 'rejected',
      reason: 'provider_refused',
      data: { issue: 'CURRENCY_NOT_SUPPORTED' },
    }))

  test('one token serves many calls, and a refused one is renewed once', async () => {
    await Promise.all([opened(), opened(), opened()])
    expect(purposes().filter((purpose) => purpose === 'paypal token').length).toBeLessThanOrEqual(1)
    bench.simulator.reset()
    bench.calls.length = 0
    await opened()
    expect(purposes()).toEqual(['paypal order', 'paypal token', 'paypal order'])
  })
})

describe('capturing at PayPal', () => {
  test('an order nobody has approved is not captured', async () => {
    expect(await bench.provider.ask(await opened())).toMatchObject({ effect: 'checked' })
    expect(purposes()).not.toContain('paypal capture')
  })

  test('an approved one is captured by asking, with its fee in the order’s currency', async () => {
    const charge = await acted('approve')
    const fact = await bench.provider.ask(charge)
    expect(fact).toMatchObject({
      effect: 'captured',
      provenAmountMinor: 1_938n,
      provenCurrency: 'USD',
      effectRef: fact.paymentRef ?? '',
      data: { paypalFeeMinor: '106' },
    })
    expect(fact.feeMinor).toBe(13_674n)
    expect(bench.calls.at(-1)).toMatchObject({ headers: { 'paypal-request-id': `cap:${charge.id}` }, totalTimeoutMs: 30_000 })
  })

  test('the page and the message at once capture once, under one request id', async () => {
    const charge = await acted('approve')
    const facts = await Promise.all(Array.from({ length: 5 }, async () => await failing(bench.provider.ask(charge))))
    const captured = facts.filter((fact) => !(fact instanceof OutgoingError)) as { effect: string; effectRef: string }[]
    expect(captured.length).toBeGreaterThan(0)
    expect(new Set(captured.map(({ effect, effectRef }) => `${effect} ${effectRef}`)).size).toBe(1)
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'captured', effectRef: captured[0]?.effectRef ?? '' })
  })

  test('"already captured" is read, not doubted', async () => {
    const charge = await acted('approve')
    const first = await bench.provider.ask(charge)
    const order = bench.simulator.order(charge.sessionRef ?? '')
    // Seen as approved just before somebody else captured it: the capture call then hears that it has been done.
    const late = createPaypal({
      paypal: bench.config.paypal ?? never(),
      clock: bench.clock,
      outgoing: {
        async call(call) {
          if (call.purpose === 'paypal order status' && order !== undefined && !isSeen) {
            isSeen = true
            return { status: 200, json: { id: order.id, status: 'APPROVED', purchase_units: [{}] } }
          }
          const response = await fetch(call.url, {
            method: call.method,
            headers: { ...call.headers, 'paypal-request-id': 'another', 'content-type': call.text?.type ?? 'application/json' },
            ...(call.method === 'POST' ? { body: call.text?.value ?? JSON.stringify(call.body) } : {}),
          })
          return { status: response.status, json: await response.json() }
        },
      },
    })
    let isSeen = false
    expect(await late.ask(charge)).toMatchObject({ effect: 'captured', effectRef: first.effectRef })
  })

  test('a lost answer to the capture is found by asking again', async () => {
    const charge = await acted('approve')
    bench.simulator.turn({ fault: 'lost_html', faultOn: 'capture', faultsLeft: 1 })
    expect(await failing(bench.provider.ask(charge))).toBeInstanceOf(OutgoingError)
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'captured' })
  })

  test('a complete order whose capture is pending is not paid, however often it is asked about', async () => {
    const charge = await acted('pending')
    const [first, second] = [
      await bench.provider.ask(charge),
      (bench.clock.advance(1_000), await bench.provider.ask({ ...charge, state: 'processing' })),
    ]
    expect(bench.simulator.order(charge.sessionRef ?? '')?.status).toBe('COMPLETED')
    for (const fact of [first, second]) expect(fact).toMatchObject({ effect: 'processing', reason: 'pending_review' })
    expect(second.effectRef).not.toBe(first.effectRef)
    await bench.simulator.settleCapture(first.paymentRef ?? '', 'COMPLETED')
    expect(await bench.provider.ask({ ...charge, state: 'processing' })).toMatchObject({ effect: 'captured' })
  })

  test('a complete order whose capture was declined has failed', async () =>
    expect(await bench.provider.ask(await acted('declined'))).toMatchObject({ effect: 'failed', reason: 'declined' }))

  test('a declined instrument sends the payer back to PayPal for another one', async () => {
    const charge = await acted('instrument-declined')
    expect(await bench.provider.ask(charge)).toMatchObject({
      effect: 'attempt_failed',
      reason: 'declined',
      nextAction: { kind: 'redirect', url: `${bench.origin}/sandbox/paypal/checkoutnow?token=${charge.sessionRef}` },
    })
    await bench.simulator.act(charge.sessionRef ?? '', 'approve')
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'captured' })
  })

  for (const [captureIssue, effect] of [
    ['ORDER_EXPIRED', 'expired'],
    ['TRANSACTION_REFUSED', 'failed'],
    ['COMPLIANCE_VIOLATION', 'failed'],
    ['DUPLICATE_INVOICE_ID', 'failed'],
    ['ORDER_NOT_APPROVED', 'checked'],
    ['PAYER_ACTION_REQUIRED', 'attempt_failed'],
  ] as const) {
    test(`the issue ${captureIssue} means ${effect}`, async () => {
      const charge = await acted('approve')
      bench.simulator.turn({ captureIssue })
      expect(await bench.provider.ask(charge)).toMatchObject({ effect })
    })
  }

  test('an issue nobody has told us about is no answer', async () => {
    const charge = await acted('approve')
    bench.simulator.turn({ captureIssue: 'SOMETHING_NEW' })
    expect(await failing(bench.provider.ask(charge))).toBeInstanceOf(OutgoingError)
  })

  test('another amount or currency is told as it is', async () => {
    const charge = await acted('approve')
    bench.simulator.turn({ captureOffCents: -1 })
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'captured', provenAmountMinor: 1_937n })
    const other = await acted('approve')
    bench.simulator.turn({ captureOffCents: 0, captureCurrency: 'EUR' })
    expect(await bench.provider.ask(other)).toMatchObject({ effect: 'captured', provenCurrency: 'EUR' })
  })

  test('a capture that carries another transaction’s id is for a person', async () => {
    const charge = await acted('approve')
    await bench.provider.ask(charge)
    expect(await bench.provider.ask({ ...charge, id: 'another' })).toMatchObject({ effect: 'integrity_failed', reason: 'ids_differ' })
  })

  test('an attempt that is over is not captured any more', async () => {
    const charge = await acted('approve')
    for (const state of ['expired', 'cancelled', 'failed'] as const)
      expect(await bench.provider.ask({ ...charge, state })).toMatchObject({ effect: 'checked', reason: 'approved' })
    expect(purposes()).not.toContain('paypal capture')
  })

  test('an order that lapsed or is gone has expired', async () => {
    const charge = await acted('approve')
    await bench.simulator.lapse(charge.sessionRef ?? '')
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'expired' })
    expect(await bench.provider.ask({ ...charge, sessionRef: '0AA00000AA000000A' })).toMatchObject({
      effect: 'expired',
      reason: 'order_gone',
    })
  })
})

const never = (): never => {
  throw new Error('PayPal is configured in tests')
}

describe('messages of PayPal', () => {
  test('approval asks for the capture at once and is no money', async () => {
    const charge = await acted('approve')
    expect(bench.arrivals[0]?.verified).toMatchObject({ eventType: 'CHECKOUT.ORDER.APPROVED' })
    expect(reading(bench.arrivals[0])).toMatchObject({
      kind: 'charge',
      keys: { providerRefs: [charge.sessionRef ?? ''], transactionId: charge.id, reference: charge.reference },
      news: { effect: 'checked', nextCheckAt: bench.clock.now() },
    })
  })

  test('a capture by message is the same fact as by asking', async () => {
    const charge = await paid()
    const arrival = bench.arrivals.find(isCapture(charge.paymentRef))
    expect(arrival?.verified?.dedupeKey).toMatch(/^WH-/)
    expect(reading(arrival)).toMatchObject({
      kind: 'charge',
      keys: { providerRefs: [charge.sessionRef ?? '', charge.paymentRef ?? ''], transactionId: charge.id },
      news: { effect: 'captured', effectRef: charge.paymentRef ?? '', provenAmountMinor: 1_938n, provenCurrency: 'USD' },
    })
  })

  test('both names of a refusal count, and pending is pending', () => {
    const capture = { id: 'C1', status: 'DECLINED', amount: { value: '1.00', currency_code: 'USD' } }
    for (const event of ['PAYMENT.CAPTURE.DENIED', 'PAYMENT.CAPTURE.DECLINED'])
      expect(message(event, capture)).toMatchObject({ news: { effect: 'failed' } })
    expect(message('PAYMENT.CAPTURE.PENDING', { ...capture, status: 'PENDING', status_details: { reason: 'ECHECK' } })).toMatchObject({
      news: { effect: 'processing', reason: 'echeck' },
    })
    expect(message('PAYMENT.CAPTURE.COMPLETED', { ...capture, status: 'COMPLETED', amount: { value: 'x' } }).kind).toBe('ignored')
  })

  test('an approval that lapsed has expired', async () => {
    const charge = await acted('approve')
    await bench.simulator.lapse(charge.sessionRef ?? '')
    expect(reading(bench.arrivals.at(-1))).toMatchObject({ keys: { providerRefs: [charge.sessionRef ?? ''] }, news: { effect: 'expired' } })
  })

  test('the capture of a refund stands only in a link', async () => {
    const charge = await paid()
    const before = bench.arrivals.length
    const refund = refundRef(charge, { providerAmountMinor: 500n })
    await bench.provider.refund(refund)
    await bench.arrived(before + 1)
    expect(reading(bench.arrivals.at(-1))).toMatchObject({
      kind: 'refund',
      keys: { providerRefs: [charge.paymentRef ?? ''] },
      refundRef: bench.simulator.refunds()[0]?.id ?? '',
      refundId: refund.id,
      amountMinor: 500n,
      currency: 'USD',
      news: { effect: 'refund_succeeded' },
    })
  })

  test('a reversal is money lost', async () => {
    const charge = await paid()
    await bench.simulator.reverse(charge.paymentRef ?? '')
    expect(reading(bench.arrivals.at(-1))).toMatchObject({
      kind: 'dispute',
      status: 'lost',
      disputeRef: `case-${charge.paymentRef}`,
      amountMinor: 1_938n,
    })
  })

  test('a dispute is an inquiry, open, won or lost', async () => {
    const charge = await paid()
    const inquiry = await bench.simulator.openDispute(charge.paymentRef ?? '', 'INQUIRY')
    expect(reading(bench.arrivals.at(-1))).toMatchObject({ status: 'inquiry', news: { effect: 'inquiry_opened' } })
    expect(inquiry).toBeDefined()
    const id = (await bench.simulator.openDispute(charge.paymentRef ?? '')) ?? ''
    expect(reading(bench.arrivals.at(-1))).toMatchObject({
      kind: 'dispute',
      disputeRef: `case-${charge.paymentRef}`,
      status: 'open',
      keys: { providerRefs: [charge.paymentRef ?? ''], transactionId: charge.id },
    })
    for (const [outcome, status] of [
      ['RESOLVED_SELLER_FAVOUR', 'won'],
      ['RESOLVED_WITH_PAYOUT', 'won'],
      ['CANCELED_BY_BUYER', 'won'],
      ['DENIED', 'won'],
      ['RESOLVED_BUYER_FAVOUR', 'lost'],
      ['ACCEPTED', 'lost'],
    ] as const) {
      await bench.simulator.resolveDispute(id, outcome)
      expect(reading(bench.arrivals.at(-1))).toMatchObject({
        disputeRef: `case-${charge.paymentRef}`,
        status,
        news: { data: { providerDisputeId: id } },
      })
    }
    await bench.simulator.resolveDispute(id, 'NONE')
    expect(reading(bench.arrivals.at(-1))).toMatchObject({ kind: 'ignored' })
  })

  test('anything else changes nothing', () => {
    for (const event of ['BILLING.PLAN.CREATED', '', 'PAYMENT.CAPTURE']) expect(message(event, {}).kind).toBe('ignored')
    for (const event of [
      'CHECKOUT.ORDER.APPROVED',
      'PAYMENT.CAPTURE.COMPLETED',
      'PAYMENT.CAPTURE.REFUNDED',
      'PAYMENT.CAPTURE.REVERSED',
      'CUSTOMER.DISPUTE.CREATED',
      'CHECKOUT.PAYMENT-APPROVAL.REVERSED',
    ])
      expect(message(event, {}).kind).toBe('ignored')
  })

  test('any 2xx ends the retries, anything else does not', async () => {
    bench.answers.push(500, 204)
    await acted('approve')
    await bench.simulator.courier().retry()
    await bench.simulator.courier().retry()
    expect(bench.simulator.sent()[0]?.statuses).toEqual([500, 204])
  })
})

describe('the origin of a message', () => {
  const arrival = async () => {
    await acted('approve')
    const [first] = bench.arrivals
    if (first === undefined) throw new Error('no message came')
    bench.calls.length = 0
    return first
  }
  const verified = async (body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<unknown> =>
    await failing(bench.provider.verifyWebhook({ body, headers }))

  test('is proven with the certificate, which is fetched once', async () => {
    const { body, headers } = await arrival()
    expect(await verified(body, headers)).toMatchObject({ eventType: 'CHECKOUT.ORDER.APPROVED' })
    expect(await verified(body, headers)).toMatchObject({ eventType: 'CHECKOUT.ORDER.APPROVED' })
    expect(purposes().filter((purpose) => purpose === 'paypal certificate').length).toBeLessThanOrEqual(1)
  })

  test('is refused for one changed byte, a missing header, another algorithm and another certificate address', async () => {
    const { body, headers } = await arrival()
    expect(await verified(body.with(20, (body[20] ?? 0) ^ 1), headers)).toMatchObject({ code: 'signature_invalid' })
    for (const name of [
      'paypal-transmission-id',
      'paypal-transmission-time',
      'paypal-transmission-sig',
      'paypal-cert-url',
      'paypal-auth-algo',
    ]) {
      const { [name]: _, ...rest } = headers
      expect(await verified(body, rest)).toMatchObject({ code: 'signature_invalid' })
    }
    expect(await verified(body, { ...headers, 'paypal-auth-algo': 'SHA1withRSA' })).toMatchObject({ code: 'signature_invalid' })
    bench.calls.length = 0
    for (const certUrl of [
      'https://evil.example/v1/notifications/certs/x',
      `${bench.origin}/sandbox/paypal/v1/notifications/certs/../../x`,
      `${bench.origin}/v1/notifications/certs/x`,
    ])
      expect(await verified(body, { ...headers, 'paypal-cert-url': certUrl })).toMatchObject({ code: 'signature_invalid' })
    expect(bench.calls).toEqual([])
  })

  test('signed by somebody else with a certificate of his own proves nothing', async () => {
    const { body, headers } = await arrival()
    const foreign = await createAuthority(bench.clock.now())
    const proof = { transmissionId: headers['paypal-transmission-id'] ?? '', transmissionTime: headers['paypal-transmission-time'] ?? '' }
    const signature = await foreign.sign(signedText(proof, bench.config.paypal?.webhookId ?? '', body))
    expect(await verified(body, { ...headers, 'paypal-transmission-sig': signature })).toMatchObject({ code: 'signature_invalid' })
  })

  test('is asked of PayPal itself when no certificate can be had, with the text as it came', async () => {
    const { body, headers } = await arrival()
    const lone = await paypalBench({ PAYPAL_BASE_URL: `${bench.origin}/sandbox/paypal`, PAYPAL_WEBHOOK_VERIFY: 'remote' })
    expect(await lone.provider.verifyWebhook({ body, headers })).toMatchObject({ eventType: 'CHECKOUT.ORDER.APPROVED' })
    expect(lone.calls.map(({ purpose }) => purpose)).toEqual(['paypal token', 'paypal webhook verification'])
    expect(lone.calls.at(-1)?.text?.value).toContain(`"webhook_event":${Buffer.from(body).toString()}}`)
    // The same event written anew means the same and is not the same.
    const anew = new TextEncoder().encode(JSON.stringify(JSON.parse(Buffer.from(body).toString()), undefined, 1))
    expect(await failing(lone.provider.verifyWebhook({ body: anew, headers }))).toMatchObject({ code: 'signature_invalid' })
    await lone.close()
    bench.simulator.turn({ fault: 'error500', faultOn: 'certificate', faultsLeft: 1 })
    bench.clock.advance(days(2))
    expect(await verified(body, headers)).toMatchObject({ eventType: 'CHECKOUT.ORDER.APPROVED' })
    expect(purposes()).toContain('paypal webhook verification')
  })

  test('cannot be smuggled past PayPal in a body that is more than one event', async () => {
    const { headers } = await arrival()
    const lone = await paypalBench({ PAYPAL_BASE_URL: `${bench.origin}/sandbox/paypal`, PAYPAL_WEBHOOK_VERIFY: 'remote' })
    for (const body of ['{},"webhook_id":"x"', '{}}', '[]', '"x"', '', '1', '{"a":1}{}'])
      expect(await failing(lone.provider.verifyWebhook({ body: new TextEncoder().encode(body), headers }))).toMatchObject({
        code: 'signature_invalid',
      })
    expect(lone.calls).toEqual([])
    await lone.close()
  })

  test('waits for another try when nobody can say', async () => {
    const { body, headers } = await arrival()
    bench.clock.advance(days(2))
    bench.simulator.turn({ fault: 'error500', faultsLeft: 10 })
    expect(await verified(body, headers)).toMatchObject({ code: 'unavailable' })
  })

  test('of a live shop is never looked for at the sandbox or the simulator', async () => {
    const config = readConfig({
      NODE_ENV: 'test',
      PORT: '3000',
      PAYPAL_MODE: 'live',
      PAYPAL_CLIENT_ID: 'AbCdEfGhIjKlMnOpQrStUv',
      PAYPAL_CLIENT_SECRET: 'EbCdEfGhIjKlMnOpQrStUv',
      PAYPAL_WEBHOOK_ID: '4JH86294D6297924G',
      PAYPAL_FX_KES_PER_USD: '129.25',
    })
    const { body, headers } = await arrival()
    const calls: OutgoingCall[] = []
    const live = createPaypal({
      paypal: config.paypal ?? never(),
      clock: bench.clock,
      outgoing: {
        async call(call) {
          calls.push(call)
          throw new OutgoingError('network', 'host')
        },
      },
    })
    for (const certUrl of [headers['paypal-cert-url'] ?? '', 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1'])
      expect(await failing(live.verifyWebhook({ body, headers: { ...headers, 'paypal-cert-url': certUrl } }))).toMatchObject({
        code: 'signature_invalid',
      })
    expect(calls).toEqual([])
  })
})

describe('refunds at PayPal', () => {
  test('go out in dollars under one request id, and a repeat is the same refund', async () => {
    const refund = refundRef(await paid(), { providerAmountMinor: 646n })
    bench.simulator.turn({ fault: 'lost_html', faultOn: 'refund', faultsLeft: 1 })
    expect(await failing(bench.provider.refund(refund))).toBeInstanceOf(OutgoingError)
    expect(await bench.provider.askRefund(refund)).toBe('absent')
    const fact = await bench.provider.refund(refund)
    expect(fact).toMatchObject({ effect: 'refund_succeeded', transactionId: refund.id, sessionRef: bench.simulator.refunds()[0]?.id ?? '' })
    expect(bench.simulator.refunds()).toMatchObject([{ amount: { value: '6.46', currency_code: 'USD' }, customId: refund.id }])
    expect(bench.calls.at(-1)?.headers).toMatchObject({ 'paypal-request-id': `rf:${refund.id}` })
  })

  test('pending ones are asked about, and end as PayPal says', async () => {
    for (const [status, effect] of [
      ['COMPLETED', 'refund_succeeded'],
      ['FAILED', 'refund_failed'],
    ] as const) {
      bench.simulator.turn({ refund: 'PENDING' })
      const refund = refundRef(await paid())
      const { sessionRef, ...fact } = await bench.provider.refund(refund)
      expect(fact).toMatchObject({ effect: 'refund_pending' })
      await bench.simulator.settleRefund(sessionRef ?? '', status)
      expect(await bench.provider.askRefund({ ...refund, sessionRef })).toMatchObject({ effect })
    }
  })

  test('more than is left is a definite no, and what PayPal will not do by itself is for a person', async () => {
    const charge = await paid()
    expect(await bench.provider.refund(refundRef(charge, { providerAmountMinor: 1_939n }))).toMatchObject({
      effect: 'refund_failed',
      data: { issue: 'REFUND_AMOUNT_EXCEEDED' },
    })
    const pending = await acted('pending')
    const { paymentRef } = await bench.provider.ask(pending)
    expect(await bench.provider.refund(refundRef({ ...pending, paymentRef }))).toMatchObject({
      effect: 'refund_manual',
      reason: 'pending_capture',
    })
  })

  test('find the capture by the order when its id is not known to us', async () => {
    const charge = await paid()
    expect(await bench.provider.refund(refundRef({ ...charge, paymentRef: undefined }))).toMatchObject({ effect: 'refund_succeeded' })
  })
})

test('the report is read by the month, over pages, and one movement is told once', async () => {
  const charge = await paid()
  const refund = refundRef(charge, { providerAmountMinor: 500n })
  await bench.provider.refund(refund)
  await acted('approve')
  bench.calls.length = 0
  const listed = []
  const to = new Date(bench.clock.now().getTime() + 1_000)
  for await (const movement of bench.provider.listSince?.(new Date(to.getTime() - days(70)), to) ?? []) listed.push(movement)
  expect(purposes().filter((purpose) => purpose === 'paypal report')).toHaveLength(3)
  expect(listed).toMatchObject([
    {
      kind: 'charge',
      providerRef: charge.paymentRef ?? '',
      amountMinor: 1_938n,
      currency: 'USD',
      status: 'succeeded',
      ourReference: charge.id,
    },
    { kind: 'refund', amountMinor: 500n, currency: 'USD', status: 'succeeded', ourReference: refund.id },
  ])
})

describe('the simulated API itself', () => {
  const token = async (): Promise<string> => {
    const basic = Buffer.from(`${bench.config.paypal?.clientId}:${bench.config.paypal?.clientSecret}`).toString('base64')
    const response = await fetch(`${bench.origin}/sandbox/paypal/v1/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
    return ((await response.json()) as { access_token: string }).access_token
  }
  const call = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${bench.origin}/sandbox/paypal${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return {
      status: response.status,
      json: (await response.json()) as { id?: string; status?: string; details?: { issue: string }[]; links?: { rel: string }[] },
    }
  }
  const order = { intent: 'CAPTURE', purchase_units: [{ amount: { currency_code: 'USD', value: '10.00' } }] }

  test('answers a new order 201 and its repeat 200, with either kind of link', async () => {
    const source = { ...order, payment_source: { paypal: {} } }
    expect(await call('/v2/checkout/orders', source)).toMatchObject({
      status: 400,
      json: { details: [{ issue: 'PAYPAL_REQUEST_ID_REQUIRED' }] },
    })
    const first = await call('/v2/checkout/orders', source, { 'paypal-request-id': 'r-1' })
    expect(first).toMatchObject({ status: 201, json: { status: 'PAYER_ACTION_REQUIRED' } })
    expect(first.json.links?.map(({ rel }) => rel)).toEqual(['self', 'payer-action'])
    expect(await call('/v2/checkout/orders', source, { 'paypal-request-id': 'r-1' })).toMatchObject({
      status: 200,
      json: { id: first.json.id ?? '' },
    })
    const older = await call('/v2/checkout/orders', order)
    expect(older.json.links?.map(({ rel }) => rel)).toEqual(['self', 'approve'])
  })

  test('honours the header that forces an issue', async () =>
    expect(
      await call('/v2/checkout/orders', order, { 'paypal-mock-response': '{"mock_application_codes":"INSTRUMENT_DECLINED"}' }),
    ).toMatchObject({
      status: 422,
      json: { details: [{ issue: 'INSTRUMENT_DECLINED' }] },
    }))

  test('refuses a stranger', async () => {
    const response = await fetch(`${bench.origin}/sandbox/paypal/v1/oauth2/token`, {
      method: 'POST',
      headers: { authorization: 'Basic eDp5', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }])
    expect((await fetch(`${bench.origin}/sandbox/paypal/v2/checkout/orders/x`)).status).toBe(401)
  })

  test('turns its knobs over HTTP and refuses unknown ones', async () => {
    expect((await call('/control/knobs', { capture: 'PENDING' })).status).toBe(200)
    expect(bench.simulator.knobs.capture).toBe('PENDING')
    expect((await call('/control/knobs', { capture: 'ELSE' })).status).toBe(422)
  })
})
