import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eq, inArray } from 'drizzle-orm'
import { orders } from '../../src/domain/orders/order.table.ts'
import type { PaymentMethod } from '../../src/domain/payments/payment.methods.ts'
import type { PaymentFact, PaymentProvider } from '../../src/domain/payments/provider.port.ts'
import { storeWebhook } from '../../src/domain/payments/store-webhook.ts'
import { ledgerEntries, transactionEvents, transactions } from '../../src/domain/payments/transaction.table.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import { applyWebhook } from '../../src/workflows/checkout/apply-webhook.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { makeVariant } from '../support/factories.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'
import { type Dice, dice } from '../simulation/dice.ts'

/**
 * Whatever order a provider's news come in, and however often each of them comes, the rows end the same: charge, order, counters,
 * events and ledger. Two thousand sequences a run on a real Postgres, through the inbox: each message is a body of the provider's own
 * shape, read by the real adapter; copies come under the same name (the inbox drops them) and under another (the effect drops them).
 */

const sequences = Number(process.env['TEST_SEQUENCES'] ?? 2_000)
const seed = process.env['TEST_SEED'] ?? String(Date.now() % 2 ** 31)
const atOnce = 8

/** News of one payment: a message for the inbox, or the answer to a question. */
type News =
  | { readonly kind: 'message'; readonly name: string; readonly body: (order: Told) => unknown }
  | { readonly kind: 'answer'; readonly name: string; readonly fact: (order: Told) => Omit<PaymentFact, 'transactionId' | 'source'> }

interface Told extends UnpaidOrder {
  readonly amount: number
  readonly usd: string
  /** Digits of the order's own, for ids the provider would give. */
  readonly digits: string
}

const message = (name: string, body: (order: Told) => unknown): News => ({ kind: 'message', name, body })
const answer = (name: string, fact: (order: Told) => Omit<PaymentFact, 'transactionId' | 'source'>): News => ({
  kind: 'answer',
  name,
  fact,
})

const event = (id: string, type: string, object: object) => ({ id, object: 'event', livemode: false, type, data: { object } })
const session = (order: Told, status: string) => ({
  id: `cs_${order.digits}`,
  payment_status: status,
  amount_total: order.amount,
  currency: 'kes',
  payment_intent: `pi_${order.digits}`,
  metadata: { transaction_id: order.transactionId },
})
const intent = (order: Told) => ({
  id: `pi_${order.digits}`,
  amount_received: order.amount,
  currency: 'kes',
  latest_charge: `ch_${order.digits}`,
  metadata: { transaction_id: order.transactionId },
})
const stripeRefund = (order: Told, status: string) => ({
  id: `re_${order.digits}`,
  amount: 50_000,
  currency: 'kes',
  payment_intent: `pi_${order.digits}`,
  charge: `ch_${order.digits}`,
  status,
})
const stripeDispute = (order: Told, status: string) => ({
  id: `dp_${order.digits}`,
  amount: 20_000,
  currency: 'kes',
  payment_intent: `pi_${order.digits}`,
  status,
})
const stripe = {
  session: message('session paid', (order) => event(`evt_s${order.digits}`, 'checkout.session.completed', session(order, 'paid'))),
  intent: message('intent succeeded', (order) => event(`evt_i${order.digits}`, 'payment_intent.succeeded', intent(order))),
  unpaid: message('session unpaid', (order) => event(`evt_u${order.digits}`, 'checkout.session.completed', session(order, 'unpaid'))),
  declined: message('declined once', (order) => event(`evt_d${order.digits}`, 'payment_intent.payment_failed', intent(order))),
  expired: message('session expired', (order) => event(`evt_x${order.digits}`, 'checkout.session.expired', session(order, 'unpaid'))),
  accepted: answer('session made', (order) => ({ effect: 'accepted', effectRef: `cs_${order.digits}`, sessionRef: `cs_${order.digits}` })),
  asked: answer('asked: paid', (order) => ({
    effect: 'captured',
    effectRef: `pi_${order.digits}`,
    sessionRef: `cs_${order.digits}`,
    paymentRef: `pi_${order.digits}`,
    provenAmountMinor: order.totalMinor,
    provenCurrency: 'KES',
  })),
  refundPending: message('refund pending', (order) => event(`evt_rp${order.digits}`, 'refund.created', stripeRefund(order, 'pending'))),
  refunded: message('refund sent', (order) => event(`evt_rs${order.digits}`, 'refund.updated', stripeRefund(order, 'succeeded'))),
  disputed: message('dispute opened', (order) =>
    event(`evt_do${order.digits}`, 'charge.dispute.created', stripeDispute(order, 'needs_response')),
  ),
  disputeWon: message('dispute won', (order) => event(`evt_dw${order.digits}`, 'charge.dispute.closed', stripeDispute(order, 'won'))),
}

const capture = (order: Told, status: string) => ({
  id: `CAP${order.digits}`,
  status,
  amount: { currency_code: 'USD', value: order.usd },
  custom_id: order.transactionId,
  supplementary_data: { related_ids: { order_id: `PPO${order.digits}` } },
})
const paypalEvent = (id: string, type: string, resource: object) => ({ id: `WH-${id}`, event_type: type, resource })
const paypal = {
  accepted: answer('order made', (order) => ({ effect: 'accepted', effectRef: `PPO${order.digits}`, sessionRef: `PPO${order.digits}` })),
  approved: message('approved', (order) =>
    paypalEvent(`a${order.digits}`, 'CHECKOUT.ORDER.APPROVED', {
      id: `PPO${order.digits}`,
      purchase_units: [{ custom_id: order.transactionId }],
    }),
  ),
  pending: message('capture pending', (order) => paypalEvent(`p${order.digits}`, 'PAYMENT.CAPTURE.PENDING', capture(order, 'PENDING'))),
  captured: message('captured', (order) => paypalEvent(`c${order.digits}`, 'PAYMENT.CAPTURE.COMPLETED', capture(order, 'COMPLETED'))),
  lapsed: message('approval lapsed', (order) =>
    paypalEvent(`l${order.digits}`, 'CHECKOUT.PAYMENT-APPROVAL.REVERSED', {
      order_id: `PPO${order.digits}`,
      purchase_units: [{ custom_id: order.transactionId }],
    }),
  ),
  denied: message('capture denied', (order) => paypalEvent(`d${order.digits}`, 'PAYMENT.CAPTURE.DENIED', capture(order, 'DECLINED'))),
}

const paystackCharge = (order: Told) => ({
  event: 'charge.success',
  data: {
    id: Number(order.digits.slice(-9)),
    domain: 'test',
    status: 'success',
    reference: 'unused',
    amount: order.amount,
    currency: 'KES',
    metadata: { transaction_id: order.transactionId },
  },
})
const paystack = {
  accepted: answer('page made', (order) => ({ effect: 'accepted', effectRef: order.transactionId, sessionRef: `ac_${order.digits}` })),
  success: message('charge.success', paystackCharge),
  verified: answer('verified', (order) => ({
    effect: 'captured',
    effectRef: order.transactionId,
    paymentRef: String(Number(order.digits.slice(-9))),
    provenAmountMinor: order.totalMinor,
    provenCurrency: 'KES',
  })),
  abandoned: answer('asked: abandoned', () => ({ effect: 'checked', effectRef: 'asked-1' })),
  failed: answer('asked: failed', (order) => ({ effect: 'failed', effectRef: order.transactionId, reason: 'declined' })),
}

const callback = (order: Told, code: number) => ({
  Body: {
    stkCallback: {
      MerchantRequestID: `m-${order.digits}`,
      CheckoutRequestID: `ws_CO_${order.digits}`,
      ResultCode: code,
      ResultDesc: 'told',
      ...(code === 0
        ? {
            CallbackMetadata: {
              Item: [
                { Name: 'Amount', Value: order.amount / 100 },
                { Name: 'MpesaReceiptNumber', Value: `T${order.digits.slice(-9)}` },
              ],
            },
          }
        : {}),
    },
  },
})
const mpesa = {
  accepted: answer('prompt sent', (order) => ({
    effect: 'accepted',
    effectRef: `ws_CO_${order.digits}`,
    sessionRef: `ws_CO_${order.digits}`,
    paymentRef: `m-${order.digits}`,
  })),
  paid: message('callback: paid', (order) => callback(order, 0)),
  noAnswer: message('callback: no answer', (order) => callback(order, 1037)),
  cancelled: message('callback: cancelled', (order) => callback(order, 1032)),
  asked: answer('asked: paid', (order) => ({
    effect: 'captured',
    effectRef: `ws_CO_${order.digits}`,
    sessionRef: `ws_CO_${order.digits}`,
    provenAmountMinor: order.totalMinor,
    provenCurrency: 'KES',
  })),
  still: answer('asked: still open', () => ({ effect: 'checked', effectRef: 'asked-1' })),
}

const cod = {
  accepted: answer('accepted', (order) => ({ effect: 'accepted', effectRef: order.transactionId })),
  counted: answer('counted', (order) => ({
    effect: 'captured',
    effectRef: order.transactionId,
    provenAmountMinor: order.totalMinor,
    provenCurrency: 'KES',
  })),
}

interface Story {
  readonly method: PaymentMethod
  readonly says: string
  readonly news: readonly News[]
}

/** What really happened to a payment, and all the news there can be of it. */
const stories: readonly Story[] = [
  { method: 'card', says: 'paid', news: [stripe.accepted, stripe.session, stripe.intent, stripe.asked] },
  { method: 'card', says: 'paid by a slow bank', news: [stripe.accepted, stripe.unpaid, stripe.intent, stripe.declined] },
  { method: 'card', says: 'paid on a page that had run out', news: [stripe.accepted, stripe.expired, stripe.session, stripe.declined] },
  { method: 'card', says: 'run out', news: [stripe.accepted, stripe.declined, stripe.expired] },
  {
    method: 'card',
    says: 'paid, partly refunded at the desk and disputed',
    news: [stripe.session, stripe.intent, stripe.refundPending, stripe.refunded, stripe.disputed, stripe.disputeWon],
  },
  { method: 'paypal', says: 'paid', news: [paypal.accepted, paypal.approved, paypal.pending, paypal.captured] },
  { method: 'paypal', says: 'paid after its approval had lapsed', news: [paypal.accepted, paypal.lapsed, paypal.captured] },
  { method: 'paypal', says: 'denied', news: [paypal.accepted, paypal.approved, paypal.denied] },
  { method: 'paystack', says: 'paid', news: [paystack.accepted, paystack.success, paystack.abandoned, paystack.verified] },
  { method: 'paystack', says: 'paid after a failure', news: [paystack.accepted, paystack.failed, paystack.success, paystack.verified] },
  { method: 'paystack', says: 'claimed', news: [paystack.accepted, paystack.abandoned, paystack.success] },
  { method: 'mpesa', says: 'paid', news: [mpesa.accepted, mpesa.still, mpesa.paid, mpesa.asked] },
  { method: 'mpesa', says: 'paid after it had ended', news: [mpesa.accepted, mpesa.noAnswer, mpesa.paid, mpesa.asked] },
  { method: 'mpesa', says: 'paid, told by the query alone', news: [mpesa.accepted, mpesa.still, mpesa.asked] },
  { method: 'mpesa', says: 'cancelled', news: [mpesa.accepted, mpesa.still, mpesa.cancelled] },
  { method: 'cod', says: 'counted at the door', news: [cod.accepted, cod.counted] },
]

let desk: PayDesk
const variants = new Map<PaymentMethod, string>()
beforeAll(async () => {
  desk = await openPayDesk()
  for (const method of ['card', 'paypal', 'paystack', 'mpesa', 'cod'] as const)
    variants.set(method, (await makeVariant(desk.context, desk.catalogue, { priceMinor: 150_000n, stock: 2 * sequences + 100 })).variantId)
})
afterAll(async () => await desk.close())

const providerNames: Partial<Record<PaymentMethod, string>> = { card: 'stripe' }

async function place({ method }: Story, number: number): Promise<Told> {
  const variantId = variants.get(method)
  const order = await desk.order({ method, ...(variantId === undefined ? {} : { variantId }) })
  const charge = await desk.charge(order)
  const digits = String(1_000_000_000_000 + number)
  return { ...order, digits, amount: Number(order.totalMinor), usd: (Number(charge.providerAmountMinor) / 100).toFixed(2) }
}

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Brings one piece of news. Answers false when it came too early and has to be brought again, as the inbox does. */
async function bring(order: Told, provider: PaymentProvider, news: News, copy: string): Promise<boolean> {
  if (news.kind === 'answer') {
    await settlePayment(desk.context, { ...news.fact(order), transactionId: order.transactionId, source: 'poll' })
    return true
  }
  const body = bytes(news.body(order))
  const dedupeKey = `${order.digits}:${news.name}${copy}`
  const stored = await storeWebhook(desk.context.inboxDb, {
    id: desk.context.ids.next(),
    provider: provider.name,
    dedupeKey,
    eventType: news.name,
    providerRef: null,
    body,
    bodySha256: sha256Hex(body),
    headers: {},
    requestId: null,
    receivedAt: desk.clock.now().toISOString(),
    tokenHash: provider.name === 'mpesa' ? sha256Hex(order.token) : null,
  })
  expect(stored).not.toBe('no_address')
  return await apply(dedupeKey)
}

async function apply(dedupeKey: string): Promise<boolean> {
  const [row] = await desk.database.db.select().from(webhookEvents).where(eq(webhookEvents.dedupeKey, dedupeKey))
  if (row === undefined) throw new Error('a stored message is gone')
  if (row.appliedAt !== null) return true
  await applyWebhook(desk.context, row)
  const [after] = await desk.database.db.select({ at: webhookEvents.appliedAt }).from(webhookEvents).where(eq(webhookEvents.id, row.id))
  return after?.at !== null
}

interface Ending {
  readonly [field: string]: unknown
}

/** What must not depend on the order in which news came: all rows, without the names only this order has. */
async function endings(told: readonly Told[]): Promise<Ending[]> {
  const { db } = desk.database
  const orderIds = told.map(({ orderId }) => orderId)
  const [orderRows, rows] = await Promise.all([
    db.select().from(orders).where(inArray(orders.id, orderIds)),
    db.select().from(transactions).where(inArray(transactions.orderId, orderIds)),
  ])
  const ids = rows.map(({ id }) => id)
  const [events, entries] = await Promise.all([
    db.select().from(transactionEvents).where(inArray(transactionEvents.transactionId, ids)),
    db.select().from(ledgerEntries).where(inArray(ledgerEntries.transactionId, ids)),
  ])
  return told.map((order) => ({
    order: orderRows.find(({ id }) => id === order.orderId)?.state,
    transactions: rows
      .filter(({ orderId }) => orderId === order.orderId)
      .map((row) => {
        const balances: Record<string, bigint> = {}
        for (const { transactionId, account, amountMinor } of entries)
          if (transactionId === row.id) balances[account] = (balances[account] ?? 0n) + amountMinor
        return {
          kind: row.kind,
          state: row.state,
          // A refund keeps the last word somebody said about it; whether it waited at its bank on the way decides nothing.
          reason: row.kind === 'refund' ? null : row.stateReason,
          captured: row.capturedMinor,
          refunded: row.refundedMinor,
          pending: row.refundPendingMinor,
          disputed: row.disputedMinor,
          proven: row.provenAmountMinor,
          knows: [row.sessionRef !== null, row.paymentRef !== null, row.receipt !== null],
          events: events
            .filter(({ transactionId }) => transactionId === row.id)
            .map(({ effect }) => effect)
            // An opening that is told after the decision moved nothing on the charge, so the charge does not tell of it.
            .filter((effect) => row.kind !== 'charge' || effect !== 'dispute_opened')
            .sort(),
          balances: Object.entries(balances)
            .filter(([, sum]) => sum !== 0n)
            .sort(([one], [other]) => (one < other ? -1 : 1)),
        }
      })
      .sort((one, other) => (one.kind < other.kind ? -1 : 1)),
  }))
}

async function tell(order: Told, story: Story, news: readonly News[], chance: Dice | undefined): Promise<void> {
  const provider = desk.context.providers.get(providerNames[story.method] ?? story.method)
  if (provider === undefined) throw new Error(`${story.method} is switched off`)
  const late: string[] = []
  const one = async (each: News, index: number): Promise<void> => {
    const copy = chance?.chance(0.3) === true ? `#${index}` : ''
    if (!(await bring(order, provider, each, copy))) late.push(`${order.digits}:${each.name}${copy}`)
  }
  if (chance?.chance(0.2) === true) await Promise.all(news.map(one))
  else for (const [index, each] of news.entries()) await one(each, index)
  // The inbox tries again what came too early.
  for (let tries = 0; late.length > 0; tries++) {
    if (tries > 8) throw new Error(`never applied: ${late.join(', ')}`)
    const again = late.splice(0)
    for (const key of again) if (!(await apply(key))) late.push(key)
  }
}

const shuffled = (chance: Dice, list: readonly News[]): News[] =>
  list
    .map((news) => ({ news, at: chance.next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ news }) => news)

test(`${sequences} sequences of news over all providers end in the rows the plain order ends in`, async () => {
  console.log(`  TEST_SEED=${seed}`)
  const expected: Ending[] = []
  for (const [index, story] of stories.entries()) {
    const order = await place(story, index)
    await tell(order, story, story.news, undefined)
    const [ending] = await endings([order])
    if (ending !== undefined) expected.push(ending)
  }
  let next = 0
  const lane = async (): Promise<void> => {
    const told: { readonly order: Told; readonly which: number; readonly what: string }[] = []
    const compare = async (): Promise<void> => {
      const ends = await endings(told.map(({ order }) => order))
      for (const [index, ending] of ends.entries()) {
        const each = told[index]
        if (each !== undefined) expect({ what: each.what, ...ending }).toEqual({ what: each.what, ...expected[each.which] })
      }
      told.length = 0
    }
    for (let number = next++; number < sequences; number = next++) {
      const chance = dice(`${seed}/${number}`)
      const which = number % stories.length
      const story = stories[which]
      if (story === undefined) throw new Error('no story')
      const repeats = Array.from({ length: chance.between(0, 3) }, () => chance.pick(story.news))
      const news = shuffled(chance, [...story.news, ...repeats])
      const order = await place(story, stories.length + number)
      const what = `${story.method}, ${story.says}: ${news.map(({ name }) => name).join(', ')}`
      await tell(order, story, news, chance)
      told.push({ order, which, what })
      if (told.length === 25) await compare()
    }
    await compare()
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  expect(await desk.checkLaws()).toEqual([])
}, 480_000)
