import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { place, press } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/**
 * Complaint 6: tax and rounding are off by cents, and what is paid differs from the order. Here money is whole cents, one rule rounds
 * once a line, and sums are sums of rounded lines. tests/checkout/arithmetic.property.test.ts tries it on thousands of orders.
 */
let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  const admin = await person(shop, { roles: ['admin'] })
  await admin.post('/api/v1/admin/promotions', { code: 'THIRD', kind: 'percent', percent: 33.33 })
})
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const goods = async (priceMinor: bigint, vatClass = 'standard') =>
  (await makeVariant(shop.context, shop.catalogue, { priceMinor, vatClass })).variantId

describe('an order of odd prices and a discount of a third', () => {
  test('has one total everywhere: in the quote, in the order, on the phone, in the books', async () => {
    const lines = [
      { variantId: await goods(33_300n), quantity: 3 },
      { variantId: await goods(99_900n) },
      { variantId: await goods(70_100n, 'zero'), quantity: 2 },
    ]
    const order = await place(shop, { lines, code: 'THIRD' })
    const seen = await order.see()
    const linesMinor = 99_900 + 99_900 + 140_200
    // 33.33 % of 3,400.00 is 1,133.22: whole shillings, half up.
    expect(seen.discount.amountMinor).toBe(113_300)
    expect(seen.total.amountMinor).toBe(linesMinor - 113_300 + 20_000)
    expect(seen.lines.reduce((sum, line) => sum + line.discount.amountMinor, 0)).toBe(113_300)
    // 16/116 of what is paid for each standard line and the fee; the zero-rated line has none.
    const vat = (grossMinor: number) => Math.round((grossMinor * 16) / 116)
    const standard = seen.lines.slice(0, 2).map((line) => vat(line.total.amountMinor - line.discount.amountMinor))
    expect(seen.vat.amountMinor).toBe(standard.reduce((sum, part) => sum + part, vat(20_000)))
    await shop.settle()
    expect((simulatorOf(shop.context)?.prompts(`254${order.phone.slice(1)}`)[0]?.amount ?? 0) * 100).toBe(seen.total.amountMinor)
    await press(shop, order)
    const [received] = await shop.database
      .sql`select sum(amount_minor)::int as money from ledger_entries where order_id = ${order.id} and account = 'provider_clearing'`
    expect(received).toEqual({ money: seen.total.amountMinor })
  })

  test('is refused when the shopper saw another total, and told the right one', async () => {
    const order = place(shop, {
      lines: [{ variantId: await goods(10_001n) }],
      body: { expectedTotal: { amountMinor: 30_000, currency: 'KES' } },
    })
    const refusal = await order.then(
      () => '',
      (error: Error) => error.message,
    )
    expect(refusal).toContain('total_changed')
    expect(refusal).toContain('"amountMinor":30001')
  })
})
