import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { days } from '../../src/lib/time.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { fakeClock, tomorrow } from '../support/fake-clock.ts'
import { type Amount, buyAndPay, deliver, pack, type Placed, type Purchase } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

interface SeenReturn {
  readonly id: string
  readonly number: string
  readonly state: string
  readonly refund: Amount | null
  readonly deliveryRefund: Amount | null
  readonly code?: string
}

const clock = fakeClock(tomorrow())
let shop: TestShop
let people: Crew
let secondVendor: string
beforeAll(async () => {
  shop = await openShop({ overrides: { clock }, environment: { DB_PAY_GATE_WAIT_MS: '60000' } })
  people = await crew(shop)
  secondVendor = shop.context.ids.next()
  await shop.context.db
    .insert(vendors)
    .values({ id: secondVendor, slug: 'pwani', name: 'Pwani Prints', commissionBasisPoints: 1_250, status: 'approved' })
  const admin = await person(shop, { roles: ['admin'] })
  await admin.post('/api/v1/admin/promotions', { code: 'ASANTE', kind: 'percent', percent: 10 })
})
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const goods = async (priceMinor: bigint, vendorId = shop.catalogue.vendorId) =>
  (await makeVariant(shop.context, shop.catalogue, { priceMinor, stock: 20, vendorId })).variantId
const delivered = async (purchase: Purchase): Promise<Placed> => {
  const order = await buyAndPay(shop, purchase)
  for (const { id } of await pack(shop, people.staff, order)) await deliver(shop, people.rider, id)
  return order
}
const answerOf = async (answer: Response) => ({ status: answer.status, body: (await answer.json()) as SeenReturn })
const ask = async (order: Placed, lines: readonly { lineId: string; quantity: number; reason?: string }[], visitor = order.visitor) =>
  await answerOf(await visitor.post(order.path('/returns'), { lines: lines.map((line) => ({ reason: 'too_small', ...line })) }))
const decide = async (id: string, verb: string, body: unknown = {}) =>
  await answerOf(await people.staff.post(`/api/v1/admin/returns/${id}/${verb}`, verb === 'approve' ? undefined : body))
/** What the books say is still everybody's of an order. */
const books = async (order: Placed) =>
  Object.fromEntries(
    (
      await shop.database
        .sql`select account || coalesce(' ' || v.slug, '') as name, sum(amount_minor)::int as amount from ledger_entries l left join vendors v on v.id = l.vendor_id
        where l.order_id = ${order.id} and account not in ('provider_clearing', 'order_receivable') group by 1 having sum(amount_minor) <> 0 order by 1`
    ).map((row) => [row['name'], row['amount']]),
  )
const onHand = async (variantId: string) =>
  (
    await shop.database.sql`select on_hand from stock_levels where variant_id = ${variantId} and warehouse_id = ${shop.catalogue.nairobiId}`
  )[0]?.['on_hand']

test('goods of one vendor come back: that vendor, its commission and the gift give back exactly theirs, and nobody else anything', async () => {
  const [looms, prints] = [await goods(150_000n), await goods(299_900n, secondVendor)]
  const order = await delivered({ lines: [{ variantId: looms, quantity: 2 }, { variantId: prints }], code: 'ASANTE' })
  const before = await books(order)
  const seen = await order.see()
  // 10 % of 5,999.00 in whole shillings, by largest remainder: 300.00 of the looms and 300.00 of the prints.
  expect(seen.discount.amountMinor).toBe(60_000)
  const [dress, print] = seen.lines
  expect([dress?.discount.amountMinor, print?.discount.amountMinor]).toEqual([30_000, 30_000])
  const asked = await ask(order, [{ lineId: print?.id ?? '', quantity: 1 }])
  expect(asked).toMatchObject({ status: 201, body: { state: 'requested', number: `${order.number}-R1` } })
  expect((await decide(asked.body.id, 'approve')).body.state).toBe('approved')
  const done = await decide(asked.body.id, 'receive')
  expect(done.body).toMatchObject({ state: 'received', refund: { amountMinor: 269_900 }, deliveryRefund: { amountMinor: 0 } })
  await shop.settle()
  const after = await books(order)
  expect(after['vendor_payable pwani']).toBeUndefined()
  expect(after['commission_income pwani']).toBeUndefined()
  expect(after['commission_vat pwani']).toBeUndefined()
  for (const account of [
    'vendor_payable kariokor',
    'commission_income kariokor',
    'commission_vat kariokor',
    'delivery_income',
    'vat_payable',
  ])
    expect([account, after[account]]).toEqual([account, before[account]])
  expect(after['discount_given']).toBe(30_000)
  expect(await onHand(prints)).toBe(20)

  // The rest in two parts: each half of the line, the fee with the last of them, and the books are empty.
  const half = await ask(order, [{ lineId: dress?.id ?? '', quantity: 1, reason: 'damaged' }])
  expect((await decide(half.body.id, 'receive')).body).toMatchObject({
    refund: { amountMinor: 135_000 },
    deliveryRefund: { amountMinor: 0 },
  })
  expect(await onHand(looms)).toBe(18)
  expect((await order.see()).state).toBe('delivered')
  const rest = await ask(order, [{ lineId: dress?.id ?? '', quantity: 1 }])
  expect((await decide(rest.body.id, 'receive')).body).toMatchObject({
    refund: { amountMinor: 155_000 },
    deliveryRefund: { amountMinor: 20_000 },
  })
  await shop.settle()
  expect((await order.see()).state).toBe('returned')
  expect(Object.keys(await books(order)).filter((name) => name !== 'refunds_payable')).toEqual([])
  const [sent] = await shop.database
    .sql`select sum(amount_minor)::int as sent from transactions where order_id = ${order.id} and kind = 'refund'`
  expect(sent).toEqual({ sent: order.totalMinor })
})

test('a refund of the whole charge after a return takes the rest from everybody, exactly', async () => {
  const [looms, prints] = [await goods(99_900n), await goods(50_100n, secondVendor)]
  const order = await delivered({ lines: [{ variantId: looms, quantity: 3 }, { variantId: prints }] })
  const [, print] = (await order.see()).lines
  const { body } = await ask(order, [{ lineId: print?.id ?? '', quantity: 1 }])
  await decide(body.id, 'receive')
  const [charge] = await shop.database.sql`select id from transactions where order_id = ${order.id} and kind = 'charge'`
  const answer = await people.staff.post(
    `/api/v1/admin/transactions/${String(charge?.['id'])}/refunds`,
    { reason: 'goodwill' },
    { 'idempotency-key': 'a whole refund'.replaceAll(' ', '-') },
  )
  expect(answer.status).toBe(201)
  expect(Object.keys(await books(order)).filter((name) => name !== 'refunds_payable')).toEqual([])
})

describe('a return', () => {
  test('asked for 200 times at once is made once', async () => {
    const order = await delivered({ lines: [{ variantId: await goods(100_000n) }] })
    const [line] = (await order.see()).lines
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(order, [{ lineId: line?.id ?? '', quantity: 1 }])))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))).toEqual(new Set(['return_exceeds']))
    const id = answers.find(({ status }) => status === 201)?.body.id ?? ''
    const received = await Promise.all(Array.from({ length: 50 }, () => decide(id, 'receive')))
    expect(received.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(received.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(new Set(['return_state']))
    const refunds = await shop.database
      .sql`select amount_minor::int as amount from transactions where order_id = ${order.id} and kind = 'refund'`
    expect([...refunds].map((row) => row['amount'])).toEqual([120_000])
  }, 120_000)

  test('is asked for with the order’s link, and by nobody without it', async () => {
    const order = await delivered({ lines: [{ variantId: await goods(100_000n) }] })
    const [line] = (await order.see()).lines
    const stranger = await person(shop)
    expect(
      (await stranger.post(`/api/v1/orders/${order.number}/returns`, { lines: [{ lineId: line?.id, quantity: 1, reason: 'other' }] }))
        .status,
    ).toBe(404)
    const { body } = await ask(order, [{ lineId: line?.id ?? '', quantity: 1 }], await person(shop))
    expect(body.state).toBe('requested')
    const list = (await (await shop.fetch(order.path('/returns'))).json()) as { items: SeenReturn[] }
    expect(list.items.map(({ number }) => number)).toEqual([body.number])
  })

  test('that is refused or called off may be asked for again', async () => {
    const order = await delivered({ lines: [{ variantId: await goods(100_000n) }] })
    const [line] = (await order.see()).lines
    const first = await ask(order, [{ lineId: line?.id ?? '', quantity: 1 }])
    expect((await decide(first.body.id, 'refuse', { reason: 'The label was cut off.' })).body).toMatchObject({
      state: 'refused',
      refusal: 'The label was cut off.',
    })
    const second = await ask(order, [{ lineId: line?.id ?? '', quantity: 1 }])
    expect((await order.visitor.post(order.path(`/returns/${second.body.id}/cancel`))).status).toBe(200)
    expect((await decide(second.body.id, 'receive')).body.code).toBe('return_state')
    const third = await ask(order, [{ lineId: line?.id ?? '', quantity: 1 }])
    expect(third.body.number).toBe(`${order.number}-R3`)
  })

  test('of which less was in the parcel pays for what was there, and the rest may be asked for again', async () => {
    const order = await delivered({ lines: [{ variantId: await goods(100_000n), quantity: 3 }] })
    const [line] = (await order.see()).lines
    const { body } = await ask(order, [{ lineId: line?.id ?? '', quantity: 3 }])
    const done = await decide(body.id, 'receive', { lines: [{ lineId: line?.id, acceptedQuantity: 1 }] })
    expect(done.body.refund?.amountMinor).toBe(100_000)
    expect((await order.see()).lines[0]?.returnedQuantity).toBe(1)
    expect((await ask(order, [{ lineId: line?.id ?? '', quantity: 3 }])).body.code).toBe('return_exceeds')
    expect((await ask(order, [{ lineId: line?.id ?? '', quantity: 2 }])).status).toBe(201)
  })

  test('comes too late after seven days, and too early before the delivery; staff may still take it', async () => {
    const early = await buyAndPay(shop, { lines: [{ variantId: await goods(100_000n) }] })
    const [soon] = (await early.see()).lines
    expect((await ask(early, [{ lineId: soon?.id ?? '', quantity: 1 }])).body.code).toBe('return_state')
    const order = await delivered({ lines: [{ variantId: await goods(100_000n) }] })
    const [line] = (await order.see()).lines
    clock.advance(days(7) + 1)
    expect((await ask(order, [{ lineId: line?.id ?? '', quantity: 1 }])).body.code).toBe('return_late')
    const staff = await person(shop, { roles: ['admin'] })
    expect((await ask(order, [{ lineId: line?.id ?? '', quantity: 1 }], staff)).status).toBe(201)
  })
})
