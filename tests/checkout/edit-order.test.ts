import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { buyAndPay, place, type Placed, press } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let staff: Visitor
beforeAll(async () => {
  shop = await openShop()
  staff = await person(shop, { roles: ['admin'] })
})
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const dress = async (priceMinor = 150_000n, stock = 5) => (await makeVariant(shop.context, shop.catalogue, { priceMinor, stock })).variantId
const edit = async (order: Placed, change: Record<string, unknown>) => {
  const answer = await order.visitor.send('PATCH', order.path(), change)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
/** An order whose first prompt was turned down. */
const declined = async (variantId: string, quantity = 1) => {
  const order = await place(shop, { lines: [{ variantId, quantity }] })
  await press(shop, order, 'cancel')
  return order
}
const shelf = async (variantId: string) =>
  (
    await shop.database
      .sql`select on_hand, reserved from stock_levels where variant_id = ${variantId} and warehouse_id = ${shop.catalogue.nairobiId}`
  )[0]
const charges = async (order: Placed) =>
  (
    await shop.database
      .sql`select provider, state, amount_minor::int from transactions where order_id = ${order.id} order by created_at, id`
  ).map((row) => [row['provider'], row['state'], row['amount_minor']])

describe('an unpaid order', () => {
  test('takes other goods: priced anew, the old ones free, the new ones set aside, and paid at the new price', async () => {
    const [one, other] = [await dress(), await dress(90_000n)]
    const order = await declined(one, 2)
    const edited = await edit(order, { lines: [{ variantId: other, quantity: 3 }] })
    expect(edited).toMatchObject({ status: 200, body: { linesTotal: { amountMinor: 270_000 }, total: { amountMinor: 290_000 } } })
    expect(await shelf(one)).toMatchObject({ on_hand: 5, reserved: 0 })
    expect(await shelf(other)).toMatchObject({ on_hand: 5, reserved: 3 })
    expect((await order.visitor.post(order.path('/pay'), { method: 'mpesa' })).status).toBe(201)
    await press(shop, order)
    expect((await order.see()).state).toBe('paid')
    expect(await charges(order)).toEqual([
      ['mpesa', 'cancelled', 320_000],
      ['mpesa', 'succeeded', 290_000],
    ])
  })

  test('goes to another county: fee and date follow', async () => {
    const order = await declined(await dress())
    const edited = await edit(order, { address: { county: 'Mombasa', town: 'Nyali', landmark: 'Behind the mall, green gate' } })
    expect(edited.body).toMatchObject({
      county: 'Mombasa',
      town: 'Nyali',
      delivery: { amountMinor: 45_000 },
      total: { amountMinor: 195_000 },
    })
  })

  test('is not changed when the shopper saw another total, and hears the new one', async () => {
    const variantId = await dress()
    const order = await declined(variantId)
    const answer = await edit(order, { lines: [{ variantId, quantity: 2 }], expectedTotal: { amountMinor: 170_000, currency: 'KES' } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'total_changed', quote: { total: { amountMinor: 320_000 } } } })
    expect(await shelf(variantId)).toMatchObject({ reserved: 1 })
    expect((await order.see()).total).toEqual({ amountMinor: 170_000, currency: 'KES' })
  })

  test('keeps its goods when the new ones are not there', async () => {
    const [one, rare] = [await dress(), await dress(50_000n, 1)]
    const order = await declined(one)
    expect(await edit(order, { lines: [{ variantId: rare, quantity: 2 }] })).toMatchObject({ status: 409, body: { code: 'out_of_stock' } })
    expect([await shelf(one), await shelf(rare)]).toMatchObject([{ reserved: 1 }, { reserved: 0 }])
  })

  test('waits while a prompt is out: it asks for the old total', async () => {
    const variantId = await dress()
    const order = await place(shop, { lines: [{ variantId }] })
    await shop.settle()
    expect(await edit(order, { note: 'Blue, please' })).toMatchObject({ status: 409, body: { code: 'payment_open' } })
    await press(shop, order, 'cancel')
  })

  test('to be paid at the door is asked for anew by the rider, at the new total', async () => {
    const variantId = await dress()
    const order = await place(shop, { lines: [{ variantId }], body: { payment: { method: 'cod' } } })
    await shop.settle()
    expect((await edit(order, { lines: [{ variantId, quantity: 2 }] })).status).toBe(200)
    await shop.settle()
    expect(await charges(order)).toEqual([
      ['cod', 'cancelled', 170_000],
      ['cod', 'pending', 320_000],
    ])
  })

  test('changes its way of paying: from M-Pesa to the door, and is packed unpaid', async () => {
    const order = await declined(await dress())
    expect((await order.visitor.post(order.path('/pay'), { method: 'cod' })).status).toBe(201)
    await shop.settle()
    expect((await staff.post(`/api/v1/orders/${order.number}/pack`)).status).toBe(200)
  })

  test('counts its code anew: given back when it no longer applies', async () => {
    await staff.post('/api/v1/admin/promotions', { code: 'BIGBAG', kind: 'percent', percent: 10, minimumMinor: 300_000, totalLimit: 1 })
    const variantId = await dress()
    const order = await place(shop, { lines: [{ variantId, quantity: 2 }], code: 'BIGBAG' })
    await press(shop, order, 'cancel')
    expect((await order.see()).discount).toEqual({ amountMinor: 30_000, currency: 'KES' })
    expect(await edit(order, { lines: [{ variantId, quantity: 1 }] })).toMatchObject({ status: 409, body: { reason: 'promo_minimum' } })
    const edited = await edit(order, { lines: [{ variantId, quantity: 1 }], promoCode: null })
    expect(edited.body).toMatchObject({ promoCode: null, discount: { amountMinor: 0 } })
    const again = await edit(order, { lines: [{ variantId, quantity: 3 }], promoCode: 'bigbag' })
    expect(again.body).toMatchObject({ promoCode: 'BIGBAG', discount: { amountMinor: 45_000 } })
  })

  test('is nobody else’s to change, and names one item once', async () => {
    const variantId = await dress()
    const order = await declined(variantId)
    const stranger = await person(shop)
    expect((await stranger.send('PATCH', `/api/v1/orders/${order.number}`, { note: 'mine now' })).status).toBe(404)
    expect(
      (
        await edit(order, {
          lines: [
            { variantId, quantity: 1 },
            { variantId, quantity: 2 },
          ],
        })
      ).status,
    ).toBe(422)
    expect((await edit(order, { lines: [{ variantId: crypto.randomUUID(), quantity: 1 }] })).body['code']).toBe('variant_unavailable')
  })

  test('edited by its shopper at eight tills at once is one order with its goods, whichever came last', async () => {
    const variantId = await dress(150_000n, 8)
    const order = await declined(variantId)
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => edit(order, { lines: [{ variantId, quantity: index + 1 }] })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const { lines } = await order.see()
    expect(await shelf(variantId)).toMatchObject({
      reserved: lines.reduce((sum, line) => sum + line.quantity, 0),
    })
  })
})

describe('a paid order', () => {
  test('is not edited, and the database would not have it either', async () => {
    const order = await buyAndPay(shop, { lines: [{ variantId: await dress() }] })
    expect((await edit(order, { note: 'x' })).body['code']).toBe('order_state')
    const refusal = await shop.database.sql`update order_lines set quantity = 2, total_minor = 300000 where order_id = ${order.id}`.catch(
      (error: unknown) => error,
    )
    expect(String(refusal)).toContain('what was sold never changes')
  })

  test('is cancelled before it is packed: the goods lie there again and all the money goes back', async () => {
    const variantId = await dress()
    const order = await buyAndPay(shop, { lines: [{ variantId, quantity: 2 }] })
    expect(await shelf(variantId)).toMatchObject({ on_hand: 3, reserved: 0 })
    expect((await order.visitor.post(order.path('/cancel'))).status).toBe(200)
    expect(await shelf(variantId)).toMatchObject({ on_hand: 5, reserved: 0 })
    const [refund] = await shop.database
      .sql`select amount_minor::int, state from transactions where order_id = ${order.id} and kind = 'refund'`
    expect(refund).toMatchObject({ amount_minor: 320_000 })
    const [left] = await shop.database
      .sql`select coalesce(sum(amount_minor), 0)::int as left from ledger_entries where order_id = ${order.id} and account not in ('provider_clearing', 'refunds_payable', 'bank')`
    expect(left).toEqual({ left: 0 })
    expect((await order.visitor.post(order.path('/cancel'))).status).toBe(409)
  })
})

interface Entry {
  readonly at: string
  readonly about: string
  readonly event: string
  readonly to: string
  readonly actor: { readonly kind: string }
}

test('the timeline tells staff every event with its actor and time, and the shopper what concerns them', async () => {
  const order = await buyAndPay(shop, { lines: [{ variantId: await dress() }] })
  await order.visitor.post(order.path('/notes'), { body: 'Please call first.' })
  await staff.post(`/api/v1/orders/${order.number}/notes`, { body: 'Has a dog.', audience: 'staff' })
  await staff.post(`/api/v1/orders/${order.number}/notes`, { body: 'We will call at ten.' })
  const all = ((await (await staff.get(`/api/v1/orders/${order.number}/timeline`)).json()) as { items: Entry[] }).items
  const told = all.filter(({ about }) => about === 'order').map(({ event, to, actor }) => [event, to, actor.kind])
  expect(told).toEqual([
    ['placed', 'awaiting_payment', 'shopper'],
    ['moved', 'paid', 'system'],
    ['note', 'paid', 'shopper'],
    ['note', 'paid', 'shop'],
    ['note', 'paid', 'shop'],
  ])
  expect(all.filter(({ about }) => about === 'payment').map(({ event }) => event)).toContain('captured')
  expect(all.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true)
  const mine = await (await order.visitor.get(order.path('/timeline'))).text()
  expect(mine).toContain('We will call at ten.')
  expect(mine).not.toContain('Has a dog.')
  const notes = (await (await order.visitor.get(order.path('/notes'))).json()) as { items: { body: string }[] }
  expect(notes.items.map(({ body }) => body)).toEqual(['Please call first.', 'We will call at ten.'])
  expect((await order.visitor.post(order.path('/notes'), { body: 'x', audience: 'staff' })).status).toBe(403)
})
