import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { and, eq } from 'drizzle-orm'
import type { PaymentProvider } from '../../src/domain/payments/provider.port.ts'
import { intentView, type SimulatedSession } from '../../src/domain/payments/simulators/stripe.ledger.ts'
import { nestForm } from '../../src/domain/payments/simulators/stripe.form.ts'
import { type StripeSimulator, stripeSimulatorOf } from '../../src/domain/payments/simulators/stripe.simulator.ts'
import { findTransactionRef } from '../../src/domain/payments/transaction.queries.ts'
import { transactions } from '../../src/domain/payments/transaction.table.ts'
import { seconds } from '../../src/lib/time.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
let simulator: StripeSimulator
let provider: PaymentProvider
beforeAll(async () => {
  desk = await openPayDesk()
  const [made, adapter] = [stripeSimulatorOf(desk.context), desk.context.providers.get('stripe')]
  if (made === undefined || adapter === undefined) throw new Error('the simulated Stripe is off')
  simulator = made
  provider = adapter
})
afterEach(() => simulator.reset())
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

const goodCard = '4242424242424242'
const settle = async (): Promise<void> => {
  do await simulator.told()
  while ((await desk.drain()) > 0)
}
const begin = async (): Promise<{ order: UnpaidOrder; session: SimulatedSession }> => {
  const order = await desk.order({ method: 'card' })
  await settle()
  const session = simulator.sessions().find(({ clientReferenceId }) => clientReferenceId === order.transactionId)
  if (session === undefined) throw new Error('no page was opened')
  return { order, session }
}
const sell = async (card = goodCard): Promise<{ order: UnpaidOrder; session: SimulatedSession }> => {
  const begun = await begin()
  await simulator.pay(begun.session.id, card)
  await settle()
  expect((await desk.charge(begun.order)).state).toBe('succeeded')
  return begun
}
const post = async (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> =>
  await fetch(`${desk.origin}${path}`, { method: 'POST', body, headers })
const children = async (order: UnpaidOrder, kind: 'refund' | 'dispute') =>
  await desk.database.db
    .select()
    .from(transactions)
    .where(and(eq(transactions.parentId, order.transactionId), eq(transactions.kind, kind)))

describe('the card page', () => {
  test('is asked for with the amount in cents, our id in both metadata and a way back', async () => {
    const { order, session } = await begin()
    expect(session).toMatchObject({ amount: Number(order.totalMinor), currency: 'kes', clientReferenceId: order.transactionId })
    for (const metadata of [session.metadata, session.intent.metadata]) expect(metadata['transaction_id']).toBe(order.transactionId)
    expect(session.successUrl).toStartWith(`${desk.context.config.publicUrl}/pay/`)
    const charge = await desk.charge(order)
    expect(charge).toMatchObject({ sessionRef: session.id, provider: 'stripe', method: 'card', state: 'pending' })
    expect(charge.nextAction).toEqual({ kind: 'redirect', url: `${desk.context.config.publicUrl}/sandbox/stripe/pay/${session.id}` })
  })

  test('a declined card is one try: the page stays open, and the next card pays', async () => {
    const { order, session } = await begin()
    expect(await simulator.pay(session.id, '4000000000009995')).toBe('declined')
    await settle()
    expect(await desk.charge(order)).toMatchObject({ state: 'pending', capturedMinor: 0n })
    expect((await desk.events(order.transactionId)).at(-1)).toMatchObject({
      effect: 'attempt_failed',
      data: { reason: 'insufficient_funds' },
    })
    expect(await simulator.pay(session.id, '4000002500003155')).toBe('asks_bank')
    expect(await simulator.confirm(session.id)).toBe('paid')
    await settle()
    expect(await desk.charge(order)).toMatchObject({ state: 'succeeded', paymentRef: session.intent.id })
  })

  test('what it cost is learnt from asking, in our currency', async () => {
    const { order, session } = await begin()
    simulator.turn({ webhooks: 'lost' })
    await simulator.pay(session.id, goodCard)
    for (let passed = 0; passed < 660; passed += 60) {
      desk.clock.advance(seconds(60))
      await settle()
    }
    expect(await desk.charge(order)).toMatchObject({ state: 'succeeded', feeMinor: 4_930n, receipt: session.intent.chargeId })
  })

  test('completed is not paid while the bank works', async () => {
    const { order, session } = await begin()
    const thing = {
      id: session.id,
      object: 'checkout.session',
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: session.intent.id,
      amount_total: session.amount,
      currency: 'kes',
      metadata: session.metadata,
    }
    const event = simulator.signed('checkout.session.completed', thing)
    expect((await post('/webhooks/stripe', event.body, event.headers)).status).toBe(200)
    await settle()
    expect(await desk.charge(order)).toMatchObject({ state: 'processing', capturedMinor: 0n })
    const later = simulator.signed('checkout.session.async_payment_succeeded', { ...thing, payment_status: 'paid' })
    await post('/webhooks/stripe', later.body, later.headers)
    await settle()
    expect((await desk.charge(order)).state).toBe('succeeded')
  })

  test('a start under the same key answers the same page, and other words under it are an error', async () => {
    const { order, session } = await begin()
    const ref = await findTransactionRef(desk.context.payDb, desk.context.config, order.transactionId)
    if (ref === undefined) throw new Error('no such charge')
    const again = await provider.start(ref)
    expect(again).toMatchObject({ effect: 'accepted', sessionRef: session.id })
    expect(await provider.start({ ...ref, providerAmountMinor: 200_000n })).toMatchObject({ effect: 'rejected' })
    expect(simulator.sessions().filter(({ clientReferenceId }) => clientReferenceId === order.transactionId)).toHaveLength(1)
  })
})

describe('the address of messages', () => {
  test('is the same at the addresses of the predecessor, with and without a slash at the end', async () => {
    for (const path of ['/webhooks/stripe', '/webhook/stripe', '/webhook/stripe/', '/orders/webhook/stripe', '/orders/webhook/stripe/']) {
      const { order, session } = await begin()
      await simulator.courier().release('forward')
      simulator.turn({ webhooks: 'lost' })
      await simulator.pay(session.id, goodCard)
      const event = simulator.signed('payment_intent.succeeded', intentView(session.intent))
      const answer = await post(path, event.body, event.headers)
      expect({ path, status: answer.status, body: await answer.json() }).toEqual({ path, status: 200, body: { received: true } })
      await settle()
      expect((await desk.charge(order)).state).toBe('succeeded')
      simulator.turn({ webhooks: 'normal' })
    }
  })

  test('takes both secrets while one is being changed', async () => {
    const changing = await openPayDesk({
      environment: {
        STRIPE_SECRET_KEY: 'sk_test_one',
        STRIPE_PUBLISHABLE_KEY: 'pk_test_one',
        STRIPE_WEBHOOK_SECRET: 'whsec_new_one, whsec_old_one',
        STRIPE_API_HOST: '127.0.0.1',
        STRIPE_API_PORT: '9',
        STRIPE_API_PROTOCOL: 'http',
      },
    })
    const statuses: number[] = []
    for (const secret of ['whsec_new_one', 'whsec_old_one', 'whsec_older_one']) {
      const event = simulator.signed('charge.updated', { id: 'ch_1' }, { secret, atS: Math.floor(changing.clock.now().getTime() / 1_000) })
      statuses.push(
        (await fetch(`${changing.origin}/webhooks/stripe`, { method: 'POST', body: event.body, headers: event.headers })).status,
      )
    }
    expect(statuses).toEqual([200, 200, 401])
    await changing.drain()
    expect((await changing.inbox()).map(({ state }) => state)).toEqual(['ignored', 'ignored'])
    await changing.close()
  })

  test('refuses what is too large, what is no event, and a provider that is off or signs nothing', async () => {
    const large = await post('/webhooks/stripe', new Uint8Array(262_145), { 'stripe-signature': 't=1,v1=00' })
    expect(large.status).toBe(413)
    const before = (await desk.inbox()).length
    for (const name of ['cod', 'mpesa', 'nobody', '__proto__']) expect((await post(`/webhooks/${name}`, '{}')).status).toBe(404)
    expect(await desk.inbox()).toHaveLength(before)
  })

  test('an event of the live mode changes nothing in a test shop', async () => {
    const { order, session } = await begin()
    const reading = provider.readWebhook(
      Buffer.from(
        JSON.stringify({ id: 'evt_live', type: 'payment_intent.succeeded', livemode: true, data: { object: intentView(session.intent) } }),
      ),
    )
    expect(reading).toEqual({ kind: 'ignored', why: 'an event of the other mode' })
    expect((await desk.charge(order)).state).toBe('pending')
  })

  test('ids that name two charges pay neither and go to a person', async () => {
    const [one, two] = [await begin(), await begin()]
    const thing = {
      id: one.session.id,
      object: 'checkout.session',
      status: 'complete',
      payment_status: 'paid',
      payment_intent: 'pi_between',
      amount_total: one.session.amount,
      currency: 'kes',
      metadata: { transaction_id: two.order.transactionId },
    }
    const event = simulator.signed('checkout.session.completed', thing)
    await post('/webhooks/stripe', event.body, event.headers)
    await settle()
    expect(await desk.charge(one.order)).toMatchObject({ state: 'review', stateReason: 'ids_differ', capturedMinor: 0n })
    expect(await desk.charge(two.order)).toMatchObject({ state: 'pending', capturedMinor: 0n })
  })
})

describe('refunds and disputes', () => {
  test('a refund made at Stripe’s own desk gets its row from the event, and its twin makes no second', async () => {
    const { order, session } = await sell()
    const refundRef = await simulator.refundAtDesk(session.intent.id, 50_000)
    await settle()
    await simulator.turnRefund(refundRef, 'succeeded')
    await settle()
    expect(await children(order, 'refund')).toMatchObject([
      { sessionRef: refundRef, amountMinor: 50_000n, state: 'succeeded', stateReason: 'made_at_provider' },
    ])
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 50_000n, refundPendingMinor: 0n })
  })

  test('a refund that fails after it succeeded is owed again', async () => {
    const { order, session } = await sell('4000000000005126')
    const refundRef = await simulator.refundAtDesk(session.intent.id, 50_000)
    await settle()
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 50_000n })
    await simulator.turnRefund(refundRef, 'failed')
    await settle()
    expect(await children(order, 'refund')).toMatchObject([{ state: 'failed', stateReason: 'lost_or_stolen_card' }])
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 0n, refundPendingMinor: 0n })
  })

  test('a second payment of one order is refunded by itself', async () => {
    const { order, session } = await begin()
    simulator.turn({ webhooks: 'held' })
    await simulator.pay(session.id, goodCard)
    const other = await desk.again(order, 'mpesa')
    await desk.press(await desk.prompt(other), 'pin')
    expect((await desk.charge(other)).state).toBe('succeeded')
    simulator.turn({ webhooks: 'normal' })
    await simulator.courier().release('forward')
    await settle()
    expect(await desk.charge(order)).toMatchObject({ state: 'duplicate', refundedMinor: order.totalMinor, refundPendingMinor: 0n })
    expect(simulator.refunds().map(({ amount, reason }) => ({ amount, reason }))).toEqual([
      { amount: Number(order.totalMinor), reason: 'duplicate' },
    ])
    expect(await desk.orderState(order)).toBe('paid')
  })

  test('a dispute holds the money until it is decided, and an inquiry holds nothing', async () => {
    const won = await sell()
    const inquiry = await simulator.dispute(won.session.intent.id, 'warning_needs_response')
    await settle()
    expect(await desk.charge(won.order)).toMatchObject({ disputedMinor: 0n })
    expect(await children(won.order, 'dispute')).toEqual([])
    await simulator.turnDispute(inquiry, 'warning_closed')
    const disputeRef = await simulator.dispute(won.session.intent.id)
    await settle()
    expect(await desk.charge(won.order)).toMatchObject({ disputedMinor: won.order.totalMinor })
    await simulator.turnDispute(disputeRef, 'won')
    await settle()
    expect(await desk.charge(won.order)).toMatchObject({ disputedMinor: 0n })
    const lost = await sell('4000000000000259')
    // Its news may overtake the payment's own; it is parked, and found a moment later.
    desk.clock.advance(seconds(60))
    await settle()
    const [open] = await children(lost.order, 'dispute')
    expect(open).toMatchObject({ state: 'open', stateReason: 'fraudulent' })
    await simulator.turnDispute(open?.sessionRef ?? '', 'lost')
    await settle()
    expect(await children(lost.order, 'dispute')).toMatchObject([{ state: 'lost' }])
  })
})

describe('the list for reconciliation', () => {
  test('names every payment and refund of a stretch of time, over as many pages as it takes', async () => {
    const { order, session } = await sell()
    const refundRef = await simulator.refundAtDesk(session.intent.id, 40_000)
    await settle()
    // Nobody hears of these: it is the list that is looked at.
    simulator.turn({ webhooks: 'lost' })
    for (let more = 0; more < 101; more += 1) await simulator.refundAtDesk(session.intent.id, 1)
    const from = new Date(desk.clock.now().getTime() - seconds(60))
    const to = new Date(desk.clock.now().getTime() + seconds(60))
    const listed = await Array.fromAsync(provider.listSince?.(from, to) ?? [])
    expect(listed).toHaveLength(103)
    expect(listed[0]).toEqual({
      kind: 'charge',
      providerRef: session.intent.id,
      amountMinor: order.totalMinor,
      currency: 'KES',
      status: 'succeeded',
      occurredAt: new Date(Math.floor(desk.clock.now().getTime() / 1_000) * 1_000),
      ourReference: order.transactionId,
    })
    expect(listed.find(({ providerRef }) => providerRef === refundRef)).toMatchObject({
      kind: 'refund',
      amountMinor: 40_000n,
      status: 'succeeded',
    })
    await settle()
  })
})

test('a form with brackets is read as what it means, and its names are only names', () => {
  const tree = nestForm({
    mode: 'payment',
    'line_items[0][price_data][currency]': 'kes',
    'metadata[__proto__]': 'x',
    '__proto__[polluted]': 'yes',
  })
  expect(tree).toMatchObject({ mode: 'payment', line_items: { '0': { price_data: { currency: 'kes' } } } })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})
