import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import type { ListedMovement, PaymentProvider } from '../../src/domain/payments/provider.port.ts'
import { trialBalance } from '../../src/domain/payments/statement.queries.ts'
import { reconciliationBreaks, transactions } from '../../src/domain/payments/transaction.table.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { after, hours } from '../../src/lib/time.ts'
import { auditLog } from '../../src/platform/audit.table.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { reconcileProvider } from '../../src/workflows/checkout/reconcile-provider.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { buy, guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openPayDesk, type PayDesk } from '../support/pay-desk.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let wanja: Visitor
let otieno: Visitor
beforeAll(async () => {
  shop = await openShop()
  wanja = await person(shop, { roles: ['support'], name: 'Wanja' })
  otieno = await person(shop, { roles: ['support'], name: 'Otieno' })
})
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const row = async (id: string) => (await shop.context.db.select().from(transactions).where(eq(transactions.id, id)))[0]
const trail = async (target: string) =>
  (await shop.context.db.select().from(auditLog).where(eq(auditLog.target, target)).orderBy(auditLog.id)).map(({ action, actor }) => ({
    action,
    actor,
  }))
const by = (visitor: Visitor): string => `person:${visitor.accountId}`

/** An order of one piece and its charge, proven by the provider unless wished otherwise. */
async function charge(priceMinor = 150_000n, isPaid = true): Promise<{ id: string; number: string; totalMinor: bigint }> {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { priceMinor })
  const placed = (await (await buy(guest(shop), variantId)).json()) as { order: { number: string }; payment: { transactionId: string } }
  const id = placed.payment.transactionId
  const totalMinor = (await row(id))?.amountMinor ?? 0n
  if (isPaid)
    await settlePayment(shop.context, {
      transactionId: id,
      effect: 'captured',
      effectRef: id,
      source: 'poll',
      provenAmountMinor: totalMinor,
      provenCurrency: 'KES',
    })
  return { id, number: placed.order.number, totalMinor }
}

const refund = async (visitor: Visitor, id: string, body: object, key: string = crypto.randomUUID()) =>
  await visitor.post(`/api/v1/admin/transactions/${id}/refunds`, { reason: 'It came torn', ...body }, { 'idempotency-key': key })

describe('who may enter', () => {
  test('nobody but staff', async () => {
    const shopper = await person(shop)
    for (const path of ['transactions', 'webhook-events', 'reconciliation/breaks', 'ledger/balances']) {
      expect((await guest(shop).get(`/api/v1/admin/${path}`)).status).toBe(401)
      expect((await shopper.get(`/api/v1/admin/${path}`)).status).toBe(403)
      expect((await wanja.get(`/api/v1/admin/${path}`)).status).toBe(200)
    }
  })
})

describe('refunds', () => {
  test('a small one is asked for, sent by hand, marked as sent, and written down at each step', async () => {
    const { id } = await charge()
    const key = crypto.randomUUID()
    const asked = await refund(wanja, id, { amountMinor: 50_000 }, key)
    expect(asked.status).toBe(201)
    const { refundId, needsSecond } = (await asked.json()) as { refundId: string; needsSecond: boolean }
    expect(needsSecond).toBe(false)
    expect(((await (await refund(wanja, id, { amountMinor: 50_000 }, key)).json()) as { refundId: string }).refundId).toBe(refundId)
    expect(await row(refundId)).toMatchObject({ state: 'manual', stateReason: 'It came torn', amountMinor: 50_000n })
    expect((await wanja.post(`/api/v1/admin/refunds/${refundId}/completion`, { reference: 'UB9RETURN7' })).status).toBe(200)
    expect(await row(id)).toMatchObject({ refundedMinor: 50_000n, refundPendingMinor: 0n })
    expect((await trail(refundId)).map(({ action }) => action)).toContain('payment.refund_succeeded')
    expect(await trail(refundId)).toContainEqual({ action: 'refund.requested', actor: by(wanja) })
    const history = (await (await wanja.get(`/api/v1/admin/transactions/${id}/history`)).json()) as {
      transaction: { state: string }
      events: { effect: string }[]
    }
    expect(history.transaction.state).toBe('partially_refunded')
    expect(history.events.map(({ effect }) => effect)).toContain('refund_succeeded')
  })

  test('beyond KES 20,000, in one or in parts, a second person has to agree before anything is sent', async () => {
    const { id } = await charge(3_000_000n)
    const small = (await (await refund(wanja, id, { amountMinor: 1_900_000 })).json()) as { refundId: string; needsSecond: boolean }
    expect(small.needsSecond).toBe(false)
    const { refundId, needsSecond } = (await (await refund(wanja, id, { amountMinor: 200_000 })).json()) as {
      refundId: string
      needsSecond: boolean
    }
    expect(needsSecond).toBe(true)
    expect(await row(refundId)).toMatchObject({ state: 'created' })
    const waiting = (await (await otieno.get('/api/v1/admin/transactions?waits=true')).json()) as { items: { id: string }[] }
    expect(waiting.items.map(({ id: each }) => each)).toContain(refundId)
    const alone = await wanja.post(`/api/v1/admin/refunds/${refundId}/confirmation`)
    expect([alone.status, ((await alone.json()) as { code: string }).code]).toEqual([409, 'second_person'])
    expect((await otieno.post(`/api/v1/admin/refunds/${refundId}/confirmation`)).status).toBe(200)
    expect((await otieno.post(`/api/v1/admin/refunds/${refundId}/confirmation`)).status).toBe(200)
    expect(await row(refundId)).toMatchObject({ state: 'manual' })
    expect(await trail(refundId)).toContainEqual({ action: 'refund.confirmed', actor: by(otieno) })
    expect((await otieno.post(`/api/v1/admin/refunds/${small.refundId}/confirmation`)).status).toBe(409)
  })

  test('never more than is left', async () => {
    const { id, totalMinor } = await charge()
    expect((await refund(wanja, id, { amountMinor: Number(totalMinor) + 100 })).status).toBe(409)
    expect((await refund(wanja, id, {})).status).toBe(201)
    expect((await refund(wanja, id, {})).status).toBe(409)
    expect((await refund(wanja, (await charge(150_000n, false)).id, {})).status).toBe(409)
  })
})

describe('reviews', () => {
  async function inReview() {
    const made = await charge(150_000n, false)
    await settlePayment(shop.context, {
      transactionId: made.id,
      effect: 'contradiction',
      effectRef: made.id,
      source: 'poll',
      reason: 'contradiction',
    })
    return made
  }

  test('accepting pays the order, rejecting leaves it unpaid, and each is somebody’s decision', async () => {
    const [good, bad] = [await inReview(), await inReview()]
    const accepted = await wanja.post(`/api/v1/admin/transactions/${good.id}/review`, {
      decision: 'accept',
      reason: 'Seen on the statement',
      receipt: 'UB2SEEN001',
    })
    expect(await accepted.json()).toEqual({ outcome: 'paid' })
    expect(await row(good.id)).toMatchObject({ state: 'succeeded', receipt: 'UB2SEEN001' })
    const rejected = await wanja.post(`/api/v1/admin/transactions/${bad.id}/review`, { decision: 'reject', reason: 'No such payment' })
    expect(await rejected.json()).toEqual({ outcome: 'failed' })
    expect(await trail(good.id)).toEqual([{ action: 'payment.captured', actor: by(wanja) }])
    expect(await trail(bad.id)).toEqual([{ action: 'payment.failed', actor: by(wanja) }])
    expect((await wanja.post(`/api/v1/admin/transactions/${bad.id}/review`, { decision: 'accept', reason: 'Once more' })).status).toBe(409)
  })

  test('a receipt that paid for another order is not accepted again', async () => {
    const { id } = await inReview()
    const again = await wanja.post(`/api/v1/admin/transactions/${id}/review`, {
      decision: 'accept',
      reason: 'Looks right',
      receipt: 'UB2SEEN001',
    })
    expect(again.status).toBe(409)
    expect(await row(id)).toMatchObject({ state: 'review', capturedMinor: 0n })
  })
})

test('a message that was given up is worked again, and one that was applied changes nothing', async () => {
  const id = shop.context.ids.next()
  const now = shop.context.clock.now()
  await shop.context.db.insert(webhookEvents).values({
    id,
    provider: 'mpesa',
    dedupeKey: `replay-${id}`,
    eventType: 'unknown',
    body: Buffer.from('{"odd":true}'),
    bodySha256: 'x',
    state: 'failed',
    attempts: 20,
    receivedAt: now,
  })
  expect((await wanja.post(`/api/v1/admin/webhook-events/${id}/replay`)).status).toBe(200)
  await shop.settle()
  const [worked] = await shop.context.db.select().from(webhookEvents).where(eq(webhookEvents.id, id))
  expect(worked?.state).toBe('ignored')
  expect(await trail(id)).toEqual([{ action: 'webhook.replayed', actor: by(wanja) }])
  expect((await wanja.post(`/api/v1/admin/webhook-events/${shop.context.ids.next()}/replay`)).status).toBe(404)
})

test('the books are there to read: balances sum to zero, a vendor sees its day, a provider its own', async () => {
  await charge()
  const now = shop.context.clock.now()
  const balances = await trialBalance(shop.context.db, after(now, hours(1)))
  expect(balances.reduce((sum, each) => sum + each.balanceMinor, 0n)).toBe(0n)
  const period = `from=${after(now, -hours(48)).toISOString()}&to=${after(now, hours(48)).toISOString()}`
  const vendor = (await (await wanja.get(`/api/v1/admin/ledger/vendors/${shop.catalogue.vendorId}?${period}`)).json()) as {
    days: { owedMinor: number }[]
  }
  const payable = balances.find((each) => each.account === 'vendor_payable')?.balanceMinor ?? 0n
  expect(vendor.days.at(-1)?.owedMinor).toBe(Number(-payable))
  const providers = (await (await wanja.get(`/api/v1/admin/ledger/providers?${period}`)).json()) as {
    days: { provider: string; changeMinor: number }[]
  }
  const clearing = balances.find((each) => each.account === 'provider_clearing')?.balanceMinor ?? 0n
  expect(providers.days.reduce((sum, each) => sum + each.changeMinor, 0)).toBe(Number(clearing))
})

describe('reconciliation', () => {
  let desk: PayDesk
  beforeAll(async () => void (desk = await openPayDesk()))
  afterAll(async () => {
    expect(await desk.checkLaws()).toEqual([])
    await desk.close()
  })

  test('finds what one side does not know, settles what is certain, keeps the rest, and only looks on a dry run', async () => {
    const [known, missed, gone] = [await desk.order(), await desk.order(), await desk.order()]
    await desk.press(await desk.prompt(known), 'pin')
    await desk.press(await desk.prompt(gone), 'pin')
    // Paid, as its provider will say; no callback and no query has told us, only the list does.
    await desk.prompt(missed)
    const [knownRow, missedRow] = [await desk.charge(known), await desk.charge(missed)]
    desk.clock.advance(hours(5))
    const now = desk.clock.now()
    const movement = (providerRef: string | null, amountMinor: bigint): ListedMovement => ({
      kind: 'charge',
      providerRef: providerRef ?? '',
      amountMinor,
      currency: 'KES',
      status: 'succeeded',
      occurredAt: now,
    })
    const real = desk.context.providers.get('mpesa')
    if (real === undefined) throw new Error('no M-Pesa')
    const list = [
      movement(knownRow.sessionRef, 170_000n),
      movement(missedRow.sessionRef, 170_000n),
      movement('ws_CO_never_heard_of', 99_900n),
      movement((await desk.charge(known)).receipt, 170_100n),
    ]
    const provider: PaymentProvider = {
      ...real,
      ask: async (transaction) => ({
        transactionId: transaction.id,
        effect: 'captured',
        effectRef: transaction.sessionRef ?? '',
        source: 'poll',
        provenAmountMinor: transaction.providerAmountMinor,
        provenCurrency: 'KES',
      }),
      listSince: async function* () {
        yield* list
      },
    }
    const context = { ...desk.context, providers: { ...desk.context.providers, get: () => provider } }
    const period = { from: after(now, -hours(72)), to: now }
    const kinds = (found: Awaited<ReturnType<typeof reconcileProvider>>) =>
      found?.breaks.map((each) => [each.kind, each.resolution ?? 'open'])

    expect(kinds(await reconcileProvider(context, 'mpesa', period, true))).toEqual([
      ['state_differs', 'open'],
      ['missing_here', 'open'],
      ['amount_differs', 'open'],
      ['missing_there', 'open'],
    ])
    expect(await desk.database.db.select().from(reconciliationBreaks)).toEqual([])
    expect(await desk.orderState(missed)).toBe('awaiting_payment')

    expect(kinds(await reconcileProvider(context, 'mpesa', period))).toEqual([
      ['state_differs', 'asked_and_settled'],
      ['missing_here', 'open'],
      ['amount_differs', 'open'],
      ['missing_there', 'open'],
    ])
    expect(await desk.orderState(missed)).toBe('paid')
    await reconcileProvider(context, 'mpesa', period)
    const rows = await desk.database.db.select().from(reconciliationBreaks)
    expect(rows).toHaveLength(4)
    expect(rows.find((each) => each.kind === 'missing_there')?.transactionId).toBe(gone.transactionId)
  })
})
