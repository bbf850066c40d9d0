import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { PaymentFact, TransactionRef } from '../../src/domain/payments/provider.port.ts'
import { hmacHex } from '../../src/lib/signature.ts'
import { OutgoingError } from '../../src/platform/outgoing.ts'
import { parseMessage } from '../../src/domain/payments/providers/wire.values.ts'
import { ownIdIn } from '../../src/domain/payments/providers/paystack.message.ts'
import type { PaystackAction, PaystackSimulator } from '../../src/domain/payments/simulators/paystack.simulator.ts'
import { chargeRef, paystackBench, type ProviderBench, refundRef } from '../support/provider-bench.ts'

let bench: ProviderBench<PaystackSimulator>
beforeAll(async () => void (bench = await paystackBench()))
beforeEach(() => void bench.simulator.turn({ refundDelayMs: 600_000, retryMs: 600_000 }))
afterEach(() => {
  bench.simulator.reset()
  bench.arrivals.length = 0
  bench.calls.length = 0
  bench.answers.length = 0
})
afterAll(async () => await bench.close())

/** Starts a charge and answers it as it then stands. */
async function opened(wish: Partial<TransactionRef> = {}): Promise<TransactionRef> {
  const charge = chargeRef(wish)
  const fact = await bench.provider.start(charge)
  expect(fact).toMatchObject({ effect: 'accepted', transactionId: charge.id })
  return { ...charge, sessionRef: fact.sessionRef }
}
async function acted(action: PaystackAction, wish: Partial<TransactionRef> = {}, card?: string): Promise<TransactionRef> {
  const charge = await opened(wish)
  await bench.simulator.act(charge.sessionRef ?? '', action, card)
  return charge
}
async function paid(wish: Partial<TransactionRef> = {}): Promise<TransactionRef> {
  const charge = await acted('card', wish)
  const { paymentRef } = await bench.provider.ask(charge)
  return { ...charge, state: 'succeeded', paymentRef }
}
const failing = async (work: Promise<unknown>): Promise<unknown> => await work.catch((error: unknown) => error)
const message = (event: string, data: object): Uint8Array => new TextEncoder().encode(JSON.stringify({ event, data }))

describe('starting at Paystack', () => {
  test('asks for subunits under our reference and sends the shopper to its page', async () => {
    const charge = chargeRef({ email: 'asha@example.co.ke' })
    const fact = await bench.provider.start(charge)
    expect(bench.calls[0]).toMatchObject({
      purpose: 'paystack initialize',
      body: {
        email: 'asha@example.co.ke',
        amount: '250050',
        currency: 'KES',
        reference: charge.reference,
        callback_url: charge.returnUrl,
        metadata: { transaction_id: charge.id },
      },
    })
    expect(fact.nextAction).toEqual({ kind: 'redirect', url: `${bench.origin}/sandbox/paystack/checkout/${fact.sessionRef}` })
  })

  test('a guest without an e-mail address goes by the shop’s, marked with the order', async () => {
    const charge = await opened()
    expect(bench.simulator.payment(charge.reference)?.email).toBe(`help+${charge.orderNumber.toLowerCase()}@rahim.example`)
  })

  for (const fault of ['lost_html', 'lost_truncated', 'html', 'error500'] as const) {
    test(`a lost answer (${fault}) ends the attempt once verify says that nothing was paid: its page is known to nobody`, async () => {
      bench.simulator.turn({ fault, faultOn: 'initialize', faultsLeft: 1 })
      const charge = chargeRef()
      expect(await bench.provider.start(charge)).toMatchObject({ effect: 'rejected', reason: 'provider_unavailable', nextCheckAt: null })
      expect(bench.calls.map(({ purpose }) => purpose)).toEqual(['paystack initialize', 'paystack verify'])
    })
  }

  test('a lost answer is unknown while verify cannot be had either', async () => {
    bench.simulator.turn({ fault: 'html', faultsLeft: 2 })
    expect(await failing(bench.provider.start(chargeRef()))).toBeInstanceOf(OutgoingError)
  })

  test('a used reference is refused, not replayed, and never charges twice', async () => {
    const charge = await acted('lose')
    expect(await bench.provider.start(charge)).toMatchObject({ effect: 'captured', provenAmountMinor: 250_050n })
    expect(bench.simulator.payments()).toHaveLength(1)
  })

  test('a definite no is a definite no', async () => {
    expect(await bench.provider.start(chargeRef({ providerAmountMinor: 200n }))).toMatchObject({
      effect: 'rejected',
      reason: 'provider_refused',
    })
    bench.simulator.turn({ fault: 'rate_limit', faultOn: 'initialize', faultsLeft: 1 })
    expect(await bench.provider.start(chargeRef())).toMatchObject({ effect: 'rejected', reason: 'provider_unavailable' })
  })

  test('KES 3 is the least it takes', () => expect(bench.provider.limits.leastMinor).toBe(300n))
})

describe('verifying at Paystack', () => {
  test('"abandoned" right after initialize is no end', async () =>
    expect(await bench.provider.ask(await opened())).toMatchObject({ effect: 'checked', data: { status: 'abandoned' } }))

  test('coming back without paying proves nothing', async () => {
    const charge = await opened()
    const next = await bench.simulator.act(charge.sessionRef ?? '', 'leave')
    expect(next).toBe(`${charge.returnUrl}?trxref=${charge.reference}&reference=${charge.reference}`)
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'checked' })
  })

  test('a success is money with the amount, the fee and the payment’s id', async () => {
    const charge = await acted('card')
    expect(await bench.provider.ask(charge)).toMatchObject({
      effect: 'captured',
      effectRef: charge.reference,
      provenAmountMinor: 250_050n,
      provenCurrency: 'KES',
      feeMinor: 7_251n,
      paymentRef: String(bench.simulator.payments()[0]?.id),
    })
  })

  test('a fee the customer was made to bear is recorded and not counted as captured', async () => {
    const charge = await acted('fee')
    const fact = await bench.provider.ask(charge)
    expect(fact).toMatchObject({ effect: 'captured', provenAmountMinor: 250_050n, data: { feeBorneByCustomerMinor: '7251' } })
    expect(fact.feeMinor).toBeUndefined()
  })

  test('another amount or currency is told as it is, and cannot pass for ours', async () => {
    expect(await bench.provider.ask(await acted('wrong-amount'))).toMatchObject({ effect: 'captured', provenAmountMinor: 249_950n })
    expect(await bench.provider.ask(await acted('wrong-currency'))).toMatchObject({ effect: 'captured', provenCurrency: 'USD' })
  })

  test('less than was asked for is never what was asked for', async () => {
    const charge = await acted('card')
    const payment = bench.simulator.payment(charge.reference)
    if (payment !== undefined) payment.amount = 100
    expect(await bench.provider.ask(charge)).toMatchObject({ provenAmountMinor: 100n })
  })

  test('a refused card is a failure that a later card may still make good', async () => {
    const charge = await acted('card', {}, '4084 0800 0067 0037')
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'failed', reason: 'insufficient_funds' })
    await bench.simulator.act(charge.sessionRef ?? '', 'card')
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'captured' })
  })

  for (const metadata of ['object', 'text', 'empty', 'null'] as const) {
    test(`metadata may come back as ${metadata}`, async () => {
      bench.simulator.turn({ metadata })
      expect(await bench.provider.ask(await acted('card'))).toMatchObject({ effect: 'captured' })
    })
  }

  test('metadata that names another transaction is for a person', async () => {
    const charge = await acted('card')
    expect(await bench.provider.ask({ ...charge, id: 'another' })).toMatchObject({ effect: 'integrity_failed', reason: 'ids_differ' })
  })

  test('a payment of the other mode is no payment', async () => {
    bench.simulator.turn({ domain: 'live' })
    expect(await bench.provider.ask(await acted('card'))).toMatchObject({ effect: 'integrity_failed', reason: 'wrong_mode' })
  })

  test('money that came and went before we saw it is for a person, unless its refund is known', async () => {
    const charge = await acted('card')
    const payment = bench.simulator.payment(charge.reference)
    if (payment !== undefined) payment.status = 'reversed'
    expect(await bench.provider.ask(charge)).toMatchObject({ effect: 'integrity_failed', reason: 'reversed' })
    const other = await acted('card')
    await bench.simulator.refundAtDesk(other.reference, 250_050)
    expect(bench.simulator.payment(other.reference)?.status).toBe('reversed')
    expect(await bench.provider.ask(other)).toMatchObject({ effect: 'captured', provenAmountMinor: 250_050n })
  })

  test('an unknown reference, an answer about another payment and every error are no answer', async () => {
    expect(await bench.provider.ask(chargeRef())).toMatchObject({ effect: 'checked', reason: 'no_id_yet' })
    for (const fault of ['error500', 'rate_limit', 'html', 'lost_truncated'] as const) {
      bench.simulator.turn({ fault, faultOn: 'verify', faultsLeft: 1 })
      expect(await failing(bench.provider.ask(await opened()))).toBeInstanceOf(OutgoingError)
    }
  })
})

describe('messages of Paystack', () => {
  const reading = (arrival: { body: Uint8Array } | undefined) => bench.provider.readWebhook(arrival?.body ?? new Uint8Array())

  test('a success is a claim that verify has to confirm at once', async () => {
    const charge = await acted('card')
    expect(bench.arrivals[0]?.verified).toMatchObject({ eventType: 'charge.success', providerRef: charge.reference })
    expect(reading(bench.arrivals[0])).toMatchObject({
      kind: 'charge',
      keys: { transactionId: charge.id, reference: charge.reference },
      news: { effect: 'success_claimed', effectRef: charge.reference, nextCheckAt: bench.clock.now() },
    })
  })

  test('the signature covers bytes with escaped slashes, which no JSON writer of ours would make', async () => {
    await acted('card')
    const body = Buffer.from(bench.arrivals[0]?.body ?? []).toString()
    expect(body).toContain('\\/')
    expect(JSON.stringify(JSON.parse(body))).not.toBe(body)
    expect(bench.arrivals[0]?.verified).toBeDefined()
  })

  test('a repeat has the same name for ever, a different event another', async () => {
    await acted('duplicate')
    await acted('card')
    const [first, second, third] = bench.arrivals.map(({ verified }) => verified?.dedupeKey)
    expect(second).toBe(first ?? '')
    expect(third).not.toBe(first ?? '')
  })

  test('only an answer of exactly 200 ends the retries', async () => {
    bench.answers.push(202, 500, 200)
    await acted('card')
    await bench.simulator.courier().retry()
    await bench.simulator.courier().retry()
    await bench.simulator.courier().retry()
    expect(bench.simulator.sent()[0]?.statuses).toEqual([202, 500, 200])
  })

  test('held messages come in the other order', async () => {
    bench.simulator.turn({ webhooks: 'held' })
    await acted('card')
    await acted('card')
    expect(bench.arrivals).toHaveLength(0)
    await bench.simulator.courier().release('reverse')
    const references = bench.arrivals.map(({ verified }) => verified?.providerRef)
    expect(references).toEqual(bench.simulator.payments().map(({ reference }) => reference))
  })

  test('what is not signed with our key is refused, and what is signed but no event is malformed', async () => {
    const key = bench.config.paystack?.secretKeys[0] ?? ''
    const sent = async (body: string, signature: string): Promise<unknown> =>
      await failing(bench.provider.verifyWebhook({ body: new TextEncoder().encode(body), headers: { 'x-paystack-signature': signature } }))
    expect(await sent('{"event":"charge.success"}', hmacHex('sha512', 'sk_test_other', '{"event":"charge.success"}'))).toMatchObject({
      code: 'signature_invalid',
    })
    for (const body of ['', '[]', 'null', '"x"', '{', '{"data":{}}'])
      expect(await sent(body, hmacHex('sha512', key, body))).toMatchObject({ code: 'malformed_json' })
  })

  test('a refund’s amount may be text or a number, in subunits both', () => {
    for (const amount of ['100000', 100_000]) {
      const data = {
        status: 'processed',
        transaction_reference: 'RAH-1-1',
        refund_reference: '1320',
        amount,
        currency: 'KES',
        domain: 'test',
      }
      expect(reading({ body: message('refund.processed', data) })).toMatchObject({
        kind: 'refund',
        keys: { reference: 'RAH-1-1' },
        refundRef: undefined,
        amountMinor: 100_000n,
        currency: 'KES',
        news: { effect: 'refund_succeeded', effectRef: '1320' },
      })
    }
    for (const amount of ['1000.00', -1, 10.5, '', null, '0'])
      expect(reading({ body: message('refund.processed', { status: 'processed', transaction_reference: 'R', amount }) }).kind).toBe(
        'ignored',
      )
  })

  test('every state of a refund has its meaning', () => {
    const effect = (status: string): unknown => {
      const read = reading({ body: message(`refund.${status}`, { status, transaction_reference: 'R', amount: '1', id: 7 }) })
      return read.kind === 'refund' ? [read.refundRef, read.news.effect] : read.kind
    }
    expect(['pending', 'processing', 'processed', 'failed', 'needs-attention', 'else'].map(effect)).toEqual([
      ['rf_7', 'refund_pending'],
      ['rf_7', 'refund_pending'],
      ['rf_7', 'refund_succeeded'],
      ['rf_7', 'refund_failed'],
      ['rf_7', 'refund_manual'],
      'ignored',
    ])
  })

  test('a dispute holds its payment one level deeper, and its own status decides nothing about it', async () => {
    const charge = await acted('card')
    const id = (await bench.simulator.openDispute(charge.reference)) ?? 0
    const open = {
      kind: 'dispute',
      keys: { transactionId: charge.id, reference: charge.reference },
      disputeRef: `dp_${id}`,
      amountMinor: 250_050n,
    }
    expect(reading(bench.arrivals.at(-1))).toMatchObject({ ...open, status: 'open', news: { effect: 'dispute_opened' } })
    for (const [resolution, status] of [
      ['declined', 'won'],
      ['merchant-accepted', 'lost'],
      ['auto-accepted', 'lost'],
    ] as const) {
      await bench.simulator.resolveDispute(id, resolution)
      expect(reading(bench.arrivals.at(-1))).toMatchObject({ ...open, status, news: { effect: `dispute_${status}` } })
    }
  })

  test('events of the other mode and kinds we do not act on change nothing', () => {
    expect(reading({ body: message('charge.success', { domain: 'live', reference: 'R', id: 1 }) })).toMatchObject({ kind: 'ignored' })
    for (const event of ['transfer.success', 'bank.transfer.rejected', 'charge.failed', 'customeridentification.failed'])
      expect(reading({ body: message(event, { reference: 'R', status: 'failed', id: 1 }) }).kind).toBe('ignored')
  })

  test('an id too large for a JSON number is no id', () => {
    const body = new TextEncoder().encode('{"event":"charge.success","data":{"id":18446744073709551615,"reference":"R"}}')
    expect(reading({ body })).toMatchObject({ keys: { providerRefs: [], reference: 'R' } })
  })

  test('metadata of any shape is read without surprise', () => {
    for (const metadata of [undefined, null, '', '""', '{', 7, [], {}, { transaction_id: 7 }, '[]', 'x'])
      expect(ownIdIn(metadata)).toBeUndefined()
    expect(ownIdIn('{"transaction_id":"t-1"}')).toBe('t-1')
    expect(ownIdIn({ transaction_id: 't-1' })).toBe('t-1')
    expect(parseMessage(new Uint8Array([0xff]))).toBeUndefined()
  })
})

describe('refunds at Paystack', () => {
  test('go out in subunits and come back pending with an id', async () => {
    const refund = refundRef(await paid(), { providerAmountMinor: 100_000n })
    const fact = await bench.provider.refund(refund)
    expect(fact).toMatchObject({ effect: 'refund_pending', transactionId: refund.id })
    expect(bench.simulator.refunds()[0]).toMatchObject({ amount: 100_000, merchantNote: `refund ${refund.id}` })
    expect(fact.sessionRef).toBe(`rf_${bench.simulator.refunds()[0]?.id}`)
  })

  test('have no key: after a lost answer the list tells which is which, even for one amount', async () => {
    const charge = await paid()
    const [first, second] = [refundRef(charge, { providerAmountMinor: 100_000n }), refundRef(charge, { providerAmountMinor: 100_000n })]
    expect(bench.provider.isRefundRepeatable).toBe(false)
    bench.simulator.turn({ fault: 'lost_html', faultOn: 'refund', faultsLeft: 1 })
    expect(await failing(bench.provider.refund(first))).toBeInstanceOf(OutgoingError)
    expect(await bench.provider.askRefund(second)).toBe('absent')
    expect(await bench.provider.askRefund(first)).toMatchObject({ effect: 'refund_pending', transactionId: first.id })
    expect(bench.simulator.refunds()).toHaveLength(1)
  })

  test('one that never arrived is absent, also while the payment’s id is not known to us', async () => {
    const charge = await paid()
    bench.simulator.turn({ fault: 'html', faultOn: 'refund', faultsLeft: 1 })
    const refund = refundRef({ ...charge, paymentRef: undefined })
    expect(await failing(bench.provider.refund(refund))).toBeInstanceOf(OutgoingError)
    expect(await bench.provider.askRefund(refund)).toBe('absent')
  })

  test('one whose note was dropped is known by its amount and by coming after our attempt', async () => {
    const charge = await paid()
    await bench.simulator.refundAtDesk(charge.reference, 100_000)
    expect(await bench.provider.askRefund(refundRef(charge, { providerAmountMinor: 100_000n }))).toMatchObject({
      effect: 'refund_succeeded',
    })
    expect(await bench.provider.askRefund(refundRef(charge, { providerAmountMinor: 90_000n }))).toBe('absent')
  })

  test('end as the provider says: processed, failed, or with a task for a person', async () => {
    for (const [status, effect] of [
      ['processed', 'refund_succeeded'],
      ['failed', 'refund_failed'],
      ['needs-attention', 'refund_manual'],
      ['processing', 'refund_pending'],
    ] as const) {
      const refund = refundRef(await paid())
      const { sessionRef } = await bench.provider.refund(refund)
      await bench.simulator.endRefund(bench.simulator.refunds()[0]?.id ?? 0, status)
      expect(await bench.provider.askRefund({ ...refund, sessionRef })).toMatchObject({ effect, sessionRef: sessionRef ?? '' })
    }
  })

  test('more than is left is a definite no; a broken provider is none', async () => {
    const charge = await paid()
    expect(await bench.provider.refund(refundRef(charge, { providerAmountMinor: 999_999n }))).toMatchObject({
      effect: 'refund_failed',
      reason: 'provider_refused',
    })
    for (const fault of ['error500', 'rate_limit'] as const) {
      bench.simulator.turn({ fault, faultOn: 'refund', faultsLeft: 1 })
      expect(await failing(bench.provider.refund(refundRef(charge)))).toBeInstanceOf(OutgoingError)
    }
  })

  test('one that needs the customer’s details can be tried again at the provider', async () => {
    const refund = refundRef(await paid())
    await bench.provider.refund(refund)
    const id = bench.simulator.refunds()[0]?.id ?? 0
    await bench.simulator.endRefund(id, 'needs-attention')
    const headers = { authorization: `Bearer ${bench.config.paystack?.secretKeys[0]}` }
    const retried = await fetch(`${bench.origin}/sandbox/paystack/refund/retry_with_customer_details/${id}`, { method: 'POST', headers })
    expect(await retried.json()).toMatchObject({ status: true, data: { id, status: 'processing' } })
  })
})

test('the list holds every payment that was tried and every refund, over several pages', async () => {
  const charges: TransactionRef[] = []
  for (let count = 0; count < 3; count += 1) charges.push(await paid())
  await opened()
  const refund = refundRef(charges[0] ?? chargeRef(), { providerAmountMinor: 50_000n })
  await bench.provider.refund(refund)
  for (let count = 0; count < 105; count += 1) await bench.simulator.call(initialize(count))
  for (const { accessCode } of bench.simulator.payments().slice(0, 105)) await bench.simulator.act(accessCode, 'decline')
  const listed = []
  for await (const movement of bench.provider.listSince?.(new Date('2026-11-24T00:00:00Z'), new Date('2026-11-25T00:00:00Z')) ?? [])
    listed.push(movement)
  expect(listed.filter(({ kind, status }) => kind === 'charge' && status === 'succeeded').map(({ ourReference }) => ourReference)).toEqual(
    charges.map(({ id }) => id).reverse(),
  )
  expect(listed.filter(({ status, kind }) => kind === 'charge' && status === 'failed')).toHaveLength(105)
  expect(listed.filter(({ kind }) => kind === 'refund')).toMatchObject([
    { amountMinor: 50_000n, status: 'pending', ourReference: refund.id },
  ])
  expect(new Set(listed.map(({ providerRef }) => providerRef)).size).toBe(listed.length)
})

const initialize = (count: number) => ({
  method: 'POST',
  path: '/transaction/initialize',
  query: {},
  authorization: `Bearer ${bench.config.paystack?.secretKeys[0]}`,
  body: { email: 'a@b.co', amount: '1000', currency: 'KES', reference: `foreign-${count}` },
})

describe('the simulated API itself', () => {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${bench.origin}/sandbox/paystack${path}`, {
      method,
      headers: { authorization: `Bearer ${bench.config.paystack?.secretKeys[0]}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: (await response.json()) as { status: boolean; message: string; data: { status?: string } } }
  }
  const start = { email: 'a@b.co', amount: '25000', currency: 'KES', reference: 'RS-1' }

  test('refuses a stranger, a used reference, a bad one, too little, and an unknown payment', async () => {
    const stranger = await fetch(`${bench.origin}/sandbox/paystack/transaction/verify/x`, {
      headers: { authorization: 'Bearer sk_test_x' },
    })
    expect([stranger.status, await stranger.json()]).toMatchObject([401, { message: 'Invalid key' }])
    expect((await call('POST', '/transaction/initialize', start)).status).toBe(200)
    expect(await call('POST', '/transaction/initialize', start)).toMatchObject({
      status: 400,
      json: { message: 'Duplicate Transaction Reference' },
    })
    expect((await call('POST', '/transaction/initialize', { ...start, reference: 'a b' })).status).toBe(400)
    expect((await call('POST', '/transaction/initialize', { ...start, reference: 'c', amount: '299' })).status).toBe(400)
    expect(await call('GET', '/transaction/verify/none')).toMatchObject({
      status: 400,
      json: { message: 'Transaction reference not found' },
    })
  })

  test('takes a mobile money charge, waits for the phone, and gives up after 180 seconds', async () => {
    const charge = { ...start, reference: 'RS-2', mobile_money: { phone: '+254712345678', provider: 'mpesa' } }
    expect(await call('POST', '/charge', charge)).toMatchObject({ json: { data: { status: 'pay_offline' } } })
    expect(await call('GET', '/charge/RS-2')).toMatchObject({ json: { data: { status: 'pending' } } })
    bench.clock.advance(181_000)
    expect(await call('GET', '/charge/RS-2')).toMatchObject({ json: { data: { status: 'timeout' } } })
  })

  test('the published test payer pays by itself', async () => {
    await call('POST', '/charge', { ...start, reference: 'RS-3', mobile_money: { phone: '+254710000000', provider: 'mpesa' } })
    expect((await bench.arrived(1))[0]?.verified).toMatchObject({ eventType: 'charge.success', providerRef: 'RS-3' })
  })

  test('turns its knobs over HTTP and refuses unknown ones', async () => {
    expect((await call('POST', '/control/knobs', { metadata: 'null' })).status).toBe(200)
    expect(bench.simulator.knobs.metadata).toBe('null')
    expect((await call('POST', '/control/knobs', { metadata: 'else' })).status).toBe(422)
  })
})

test('no fact of the adapter carries a key, an e-mail address or a page’s secret in its data', async () => {
  const facts: PaymentFact[] = [
    await bench.provider.ask(await acted('card')),
    await bench.provider.start(chargeRef({ providerAmountMinor: 1n })),
  ]
  expect(facts.map(({ data }) => JSON.stringify(data)).join()).not.toMatch(/sk_test|@|access_code/)
})
