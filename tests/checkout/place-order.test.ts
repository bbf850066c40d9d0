import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { buy, checkoutBody, guest, person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(() => shop.close())

interface Placed {
  order: { number: string; state: string; total: { amountMinor: number }; vat: { amountMinor: number }; delivery: { amountMinor: number } }
  orderToken: string
  payment: { transactionId: string }
}
const placed = async (answer: Response): Promise<Placed> => {
  expect(answer.status).toBe(201)
  return (await answer.json()) as Placed
}
const shelf = async (variantId: string) => {
  const [row] = await shop.database
    .sql`select sum(on_hand)::int as on_hand, sum(reserved)::int as reserved from stock_levels where variant_id = ${variantId}`
  return { onHand: row?.['on_hand'] as number, reserved: row?.['reserved'] as number }
}
const code = async (answer: Response) => ((await answer.json()) as { code: string }).code

describe('a checkout', () => {
  test('holds the goods and answers with the exact total, VAT included', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 116_000n, stock: 5 })
    const { order } = await placed(await buy(guest(shop), variantId, { quantity: 2 }))
    expect(order.state).toBe('awaiting_payment')
    expect(order.total.amountMinor).toBe(252_000)
    expect(order.delivery.amountMinor).toBe(20_000)
    expect(order.vat.amountMinor).toBe(32_000 + 2_759)
    expect(await shelf(variantId)).toEqual({ onHand: 5, reserved: 2 })
  })

  test('the same key and body answers the same bytes, and there is one order', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const visitor = guest(shop)
    const key = crypto.randomUUID()
    const first = await (await buy(visitor, variantId, { key })).text()
    const second = await visitor.post('/api/v1/checkout', checkoutBody(), { 'idempotency-key': key })
    expect(second.status).toBe(201)
    expect(await second.text()).toBe(first)
    expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 1 })
  })

  test('200 at once with one key make one order, and every reply is the same', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const visitor = guest(shop)
    await visitor.post('/api/v1/cart/lines', { variantId, quantity: 1 })
    const key = crypto.randomUUID()
    const ask = () => visitor.post('/api/v1/checkout', checkoutBody(), { 'idempotency-key': key })
    const answers = await Promise.all(Array.from({ length: 200 }, ask))
    const bodies = new Set<string>()
    for (const answer of answers) {
      expect([201, 409]).toContain(answer.status)
      const final = answer.status === 201 ? answer : await ask()
      bodies.add(await final.text())
    }
    expect(bodies.size).toBe(1)
    expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 1 })
  })

  test('another body under the key is refused', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const visitor = guest(shop)
    const key = crypto.randomUUID()
    await placed(await buy(visitor, variantId, { key }))
    const other = await visitor.post('/api/v1/checkout', checkoutBody({ note: 'Ring twice' }), { 'idempotency-key': key })
    expect(other.status).toBe(422)
    expect(await code(other)).toBe('idempotency_mismatch')
  })

  test('a key of one visitor never answers another', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const key = crypto.randomUUID()
    const one = await placed(await buy(guest(shop), variantId, { key }))
    const two = await placed(await buy(guest(shop), variantId, { key }))
    expect(two.order.number).not.toBe(one.order.number)
  })

  test('a missing or malformed key is refused and nothing is held', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const visitor = guest(shop)
    await visitor.post('/api/v1/cart/lines', { variantId, quantity: 1 })
    for (const headers of [{}, { 'idempotency-key': 'short' }, { 'idempotency-key': "x' or 1=1--aaaa" }] as Record<string, string>[]) {
      const answer = await visitor.post('/api/v1/checkout', checkoutBody(), headers)
      expect(answer.status).toBe(400)
      expect(await code(answer)).toBe('idempotency_key_required')
    }
    expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 0 })
  })

  test('a changed total is told with the new quote, and the order is not placed', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 100_000n })
    const answer = await buy(guest(shop), variantId, { body: { expectedTotal: { amountMinor: 119_900, currency: 'KES' } } })
    expect(answer.status).toBe(409)
    const problem = (await answer.json()) as { code: string; quote: { total: { amountMinor: number } } }
    expect(problem.code).toBe('total_changed')
    expect(problem.quote.total.amountMinor).toBe(120_000)
    expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 0 })
  })

  test('a refused checkout does not use up its key', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 100_000n })
    const visitor = guest(shop)
    const key = crypto.randomUUID()
    await buy(visitor, variantId, { key, body: { expectedTotal: { amountMinor: 1, currency: 'KES' } } })
    const again = await visitor.post('/api/v1/checkout', checkoutBody({ expectedTotal: { amountMinor: 120_000, currency: 'KES' } }), {
      'idempotency-key': key,
    })
    expect(again.status).toBe(201)
  })

  test('unknown members, wrong phones and foreign counties are refused by name and without echo', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const visitor = guest(shop)
    await visitor.post('/api/v1/cart/lines', { variantId, quantity: 1 })
    const cases: [Record<string, unknown>, string, string][] = [
      [{ total: 1 }, 'invalid_input', '/body'],
      [{ contact: { name: 'Amina', phone: '0202345678' } }, 'phone_invalid', '/body/contact/phone'],
      [{ address: { county: 'Atlantis', town: 'Kilimani', landmark: 'Blue gate' } }, 'delivery_unavailable', '/body/address/county'],
      [{ payment: { method: 'cash' } }, 'invalid_input', '/body/payment/method'],
    ]
    for (const [change, expected, path] of cases) {
      const answer = await visitor.post('/api/v1/checkout', checkoutBody(change), { 'idempotency-key': crypto.randomUUID() })
      expect(answer.status).toBe(422)
      const text = await answer.text()
      const problem = JSON.parse(text) as { code: string; fields: { path: string }[] }
      expect(problem.code).toBe(expected)
      expect(problem.fields.some((field) => field.path.startsWith(path))).toBe(true)
      expect(text).not.toMatch(/Atlantis|0202345678|cash/)
    }
    expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 0 })
  })

  test('an empty bag and a visitor without one are told so', async () => {
    const answer = await guest(shop).post('/api/v1/checkout', checkoutBody(), { 'idempotency-key': crypto.randomUUID() })
    expect(answer.status).toBe(409)
    expect(await code(answer)).toBe('cart_empty')
  })

  test('lines left unselected stay in the bag', async () => {
    const wanted = await makeVariant(shop.context, shop.catalogue)
    const later = await makeVariant(shop.context, shop.catalogue)
    const visitor = guest(shop)
    await visitor.post('/api/v1/cart/lines', { variantId: later.variantId, quantity: 3 })
    const cart = (await (await visitor.get('/api/v1/cart')).json()) as { lines: { id: string }[] }
    await visitor.send('PATCH', `/api/v1/cart/lines/${cart.lines[0]?.id}`, { isSelected: false })
    await placed(await buy(visitor, wanted.variantId))
    const left = (await (await visitor.get('/api/v1/cart')).json()) as { lines: { variantId: string; quantity: number }[] }
    expect(left.lines).toMatchObject([{ variantId: later.variantId, quantity: 3 }])
  })

  test('an owner cannot buy from their own shop', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const owner = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'owner' } })
    const answer = await owner.post('/api/v1/cart/lines', { variantId, quantity: 1 })
    expect(answer.status).toBe(409)
    expect(await code(answer)).toBe('own_listing')
  })

  test('goods come from the warehouse that has them, else from several', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 2, mombasaStock: 1 })
    const { order } = await placed(await buy(guest(shop), variantId, { quantity: 3 }))
    const holds = await shop.database
      .sql`select quantity from stock_holds h join orders o on o.id = h.order_id where o.number = ${order.number} order by quantity`
    expect(holds.map((hold) => hold['quantity'])).toEqual([1, 2])
  })
})

describe('the last pieces', () => {
  test('60 buyers at once for 10 pieces on two processes: exactly 10 orders, and the others hear that it is sold out', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 10 })
    const other = await openShop({ beside: shop })
    try {
      const visitors = Array.from({ length: 60 }, (_, index) => guest(index % 2 === 0 ? shop : other))
      await Promise.all(visitors.map((visitor) => visitor.post('/api/v1/cart/lines', { variantId, quantity: 1 })))
      const answers = await Promise.all(
        visitors.map((visitor) => visitor.post('/api/v1/checkout', checkoutBody(), { 'idempotency-key': crypto.randomUUID() })),
      )
      const statuses = answers.map((answer) => answer.status)
      expect(statuses.filter((status) => status === 201)).toHaveLength(10)
      expect(statuses.filter((status) => status === 409)).toHaveLength(50)
      expect(await shelf(variantId)).toEqual({ onHand: 10, reserved: 10 })
    } finally {
      await other.close()
    }
  })
})

describe('an unpaid order', () => {
  test('can be read by its token and by nobody else', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const { order, orderToken } = await placed(await buy(guest(shop), variantId))
    const mine = await shop.fetch(`/api/v1/orders/${order.number}?token=${orderToken}`)
    expect(mine.status).toBe(200)
    const stranger = await person(shop)
    for (const answer of [
      await shop.fetch(`/api/v1/orders/${order.number}`),
      await shop.fetch(`/api/v1/orders/${order.number}?token=${'x'.repeat(30)}`),
      await stranger.get(`/api/v1/orders/${order.number}`),
    ]) {
      expect(answer.status).toBe(404)
    }
  })
})
