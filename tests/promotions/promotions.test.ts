import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { expireUnpaid } from '../../src/workflows/checkout/expire-unpaid.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { after, hours } from '../../src/lib/time.ts'
import { checkoutBody, guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { fakeClock, tomorrow } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const clock = fakeClock(tomorrow())
let shop: TestShop
let staff: Visitor
let dress: string
beforeAll(async () => {
  shop = await openShop({ overrides: { clock }, environment: { DB_PAY_GATE_WAIT_MS: '60000' } })
  staff = await person(shop, { roles: ['admin'] })
  dress = (await makeVariant(shop.context, shop.catalogue, { priceMinor: 125_500n, stock: 2_000 })).variantId
})
afterAll(async () => {
  await shop.settle()
  // Everything that nobody paid ends, long after the last prompt could be answered.
  for (let hour = 0; hour < 4; hour++) {
    clock.advance(hours(1))
    await shop.settle()
    await expireUnpaid(shop.context)
  }
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const day = (days: number) => after(clock.now(), hours(24 * days)).toISOString()
let serial = 0
let code: string
beforeEach(() => void (code = `CODE-${++serial}`))

const make = async (terms: Record<string, unknown>) => {
  const answer = await staff.post('/api/v1/admin/promotions', { code, ...terms })
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: string; usedCount: number }
}
const used = async () => Number((await shop.database.sql`select used_count from promos where code = ${code}`)[0]?.['used_count'])
const typeCode = async (visitor: Visitor, text = code) => {
  const answer = await visitor.send('PUT', '/api/v1/cart/promo', { code: text })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const bagWith = async (quantity = 1, visitor = guest(shop)) => {
  await visitor.post('/api/v1/cart/lines', { variantId: dress, quantity })
  return visitor
}
const phones = () => `07${String(10_000_000 + ++serial)}`
const order = async (visitor: Visitor, body: Record<string, unknown> = {}) => {
  const answer = await visitor.post('/api/v1/checkout', checkoutBody({ contact: { name: 'Amina Wanjiru', phone: phones() }, ...body }), {
    'idempotency-key': crypto.randomUUID(),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('a code', () => {
  test('takes ten per cent off, rounded to the shilling, and the order keeps it', async () => {
    await make({ kind: 'percent', percent: 10 })
    const visitor = await bagWith()
    const bag = await typeCode(visitor, ` ${code.toLowerCase()} `)
    expect(bag.body['promo']).toMatchObject({ code, applies: true, discount: { amountMinor: 12_600 } })
    const quote = await (await visitor.post('/api/v1/checkout/quote', { county: 'Nairobi' })).json()
    expect(quote).toMatchObject({ discount: { amountMinor: 12_600 }, delivery: { amountMinor: 20_000 }, total: { amountMinor: 132_900 } })
    // 16/116 of 1,129.00 and of 200.00, each rounded by itself.
    expect(quote.vat.amountMinor).toBe(15_572 + 2_759)
    const placed = await order(visitor, { expectedTotal: { amountMinor: 132_900, currency: 'KES' } })
    expect(placed.body['order']).toMatchObject({ discount: { amountMinor: 12_600 }, total: { amountMinor: 132_900 } })
    expect(await used()).toBe(1)
  })

  test('for free delivery waives the fee and its VAT', async () => {
    await make({ kind: 'free_delivery' })
    const visitor = await bagWith()
    await typeCode(visitor)
    const placed = await order(visitor)
    expect(placed.body['order']).toMatchObject({
      delivery: { amountMinor: 0 },
      discount: { amountMinor: 0 },
      total: { amountMinor: 125_500 },
    })
  })

  test('worth more than the goods leaves the delivery to pay, and never less than a shilling', async () => {
    await make({ kind: 'amount', amountMinor: 9_000_000 })
    const visitor = await bagWith()
    await typeCode(visitor)
    expect((await order(visitor)).body['order']).toMatchObject({ discount: { amountMinor: 125_500 }, total: { amountMinor: 20_000 } })
  })

  test('that nobody made is refused, and nothing is put into the bag', async () => {
    const visitor = await bagWith()
    const answer = await typeCode(visitor, 'NOSUCHCODE')
    expect(answer).toMatchObject({ status: 409, body: { code: 'promo_refused', reason: 'promo_unknown' } })
    expect(await (await visitor.get('/api/v1/cart')).json()).toMatchObject({ promo: null })
  })

  const reasons: [string, Record<string, unknown>][] = [
    ['promo_minimum', { kind: 'percent', percent: 5, minimumMinor: 200_000 }],
    ['promo_not_started', { kind: 'percent', percent: 5, startsAt: day(3) }],
    ['promo_ended', { kind: 'percent', percent: 5, startsAt: day(-9), endsAt: day(-2) }],
  ]
  test.each(reasons)('that does not apply stays in the bag and says %s', async (reason, terms) => {
    await make(terms)
    const visitor = await bagWith()
    expect((await typeCode(visitor)).body['promo']).toMatchObject({ applies: false, reason, discount: { amountMinor: 0 } })
    // Nobody said which total they saw: they hear about the code before they buy.
    expect(await order(visitor)).toMatchObject({ status: 409, body: { code: 'promo_refused', reason } })
    // Who saw the full price and wants it all the same may have it.
    expect((await order(visitor, { expectedTotal: { amountMinor: 145_500, currency: 'KES' } })).status).toBe(201)
    expect(await used()).toBe(0)
  })

  test('applies by itself once the bag is worth enough', async () => {
    await make({ kind: 'amount', amountMinor: 50_000, minimumMinor: 200_000 })
    const visitor = await bagWith()
    await typeCode(visitor)
    await bagWith(1, visitor)
    expect(await (await visitor.get('/api/v1/cart')).json()).toMatchObject({ promo: { applies: true }, discount: { amountMinor: 50_000 } })
  })

  test('ended by staff stops at once', async () => {
    const { id } = await make({ kind: 'percent', percent: 5 })
    const visitor = await bagWith()
    await typeCode(visitor)
    expect((await staff.send('PATCH', `/api/v1/admin/promotions/${id}`, { isActive: false })).status).toBe(200)
    expect(await (await visitor.get('/api/v1/cart')).json()).toMatchObject({ promo: { applies: false, reason: 'promo_ended' } })
  })

  test('may be used by one phone as often as its limit says, with an account or without', async () => {
    await make({ kind: 'percent', percent: 5, perPersonLimit: 1 })
    const contact = { name: 'Amina', phone: '0799000111' }
    const first = await bagWith()
    await typeCode(first)
    expect((await order(first, { contact })).status).toBe(201)
    const again = await bagWith(1, await person(shop))
    await typeCode(again)
    expect(await order(again, { contact })).toMatchObject({ status: 409, body: { reason: 'promo_used_by_you' } })
    expect(await used()).toBe(1)
  })

  test('is given back when its order expires or is cancelled', async () => {
    await make({ kind: 'percent', percent: 5, totalLimit: 1 })
    const visitor = await bagWith()
    await typeCode(visitor)
    const placed = await order(visitor, { payment: { method: 'cod' } })
    expect(await used()).toBe(1)
    const late = await bagWith()
    expect((await typeCode(late)).body['promo']).toMatchObject({ reason: 'promo_used_up' })
    const { order: made, orderToken } = placed.body as { order: { number: string }; orderToken: string }
    expect((await visitor.post(`/api/v1/orders/${made.number}/cancel?token=${orderToken}`)).status).toBe(200)
    expect(await used()).toBe(0)
    const second = await order(late)
    expect(second.body['order']).toMatchObject({ discount: { amountMinor: 6_300 } })
  })
})

test('200 shoppers at once never use a code more often than it may be', async () => {
  await make({ kind: 'percent', percent: 5, totalLimit: 20, perPersonLimit: 1 })
  const visitors = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const visitor = await bagWith()
      await typeCode(visitor)
      return visitor
    }),
  )
  const answers = await Promise.all(visitors.map((visitor) => order(visitor)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(20)
  expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body['reason']))).toEqual(new Set(['promo_used_up']))
  expect(await used()).toBe(20)
}, 120_000)

test('one person at 200 tills at once uses a code once', async () => {
  await make({ kind: 'percent', percent: 5, perPersonLimit: 1 })
  const contact = { name: 'Amina', phone: '0799000222' }
  const visitors = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const visitor = await bagWith()
      await typeCode(visitor)
      return visitor
    }),
  )
  const answers = await Promise.all(visitors.map((visitor) => order(visitor, { contact })))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(await used()).toBe(1)
}, 120_000)

test('a code lasts until its last moment and not beyond', async () => {
  await make({ kind: 'percent', percent: 5, endsAt: after(clock.now(), hours(1)).toISOString() })
  const visitor = await bagWith()
  await typeCode(visitor)
  clock.advance(hours(1))
  expect(await (await visitor.get('/api/v1/cart')).json()).toMatchObject({ promo: { reason: 'promo_ended' } })
  await expireUnpaid(shop.context)
})
