import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { CartLine } from '../../src/domain/cart/cart.queries.ts'
import { lineRows } from '../../src/domain/orders/create-order.ts'
import { partOfLine } from '../../src/domain/orders/line.parts.ts'
import {
  netted,
  type PostingLine,
  returnPosting,
  salePosting,
  sumOf,
  takeBackNamed,
  takenBack,
} from '../../src/domain/payments/ledger.postings.ts'
import { simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import type { PromoTerms } from '../../src/domain/promotions/promo.rules.ts'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { isWholeShillings, standardVatBasisPoints, vatInside } from '../../src/lib/money.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { draftLines } from '../../src/workflows/checkout/place-order.ts'
import { quoteCart } from '../../src/workflows/checkout/quote-cart.ts'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { deliver, pack, place, press } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
const now = new Date('2026-11-24T08:00:00Z')

/** A line of a bag and how its pieces lie in two warehouses. */
const line = (isWhole: boolean) =>
  fc.record({
    priceMinor: isWhole ? fc.bigInt({ min: 1n, max: 30_000n }).map((price) => price * 100n) : fc.bigInt({ min: 1n, max: 3_000_000n }),
    quantity: fc.integer({ min: 1, max: 20 }),
    near: fc.integer({ min: 0, max: 20 }),
    vatClass: fc.constantFrom('standard', 'standard', 'zero', 'exempt'),
    vendorId: fc.constantFrom('looms', 'prints', 'soles'),
    commissionBasisPoints: fc.integer({ min: 0, max: 3_000 }),
  })

const terms: fc.Arbitrary<Partial<PromoTerms> | undefined> = fc.option(
  fc.oneof(
    fc.record({
      kind: fc.constant('percent' as const),
      basisPoints: fc.integer({ min: 1, max: 10_000 }),
      mostDiscountMinor: fc.option(fc.bigInt({ min: 1n, max: 5_000n }).map((most) => most * 100n)),
    }),
    fc.record({ kind: fc.constant('amount' as const), amountMinor: fc.bigInt({ min: 1n, max: 200_000n }).map((amount) => amount * 100n) }),
    fc.record({ kind: fc.constant('free_delivery' as const) }),
  ),
  { nil: undefined },
)

const purchase = (isWhole: boolean) =>
  fc.record({
    lines: fc.array(line(isWhole), { minLength: 1, maxLength: 7 }),
    terms,
    feeMinor: fc.integer({ min: 0, max: 900 }).map((fee) => BigInt(fee) * 100n),
    freeFromMinor: fc.option(fc.bigInt({ min: 1n, max: 9_000_000n })),
    /** In which portions and order the goods come back. */
    portions: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 20 })), { maxLength: 40 }),
    /** A goodwill refund before, in thousandths of what is left. */
    goodwill: fc.integer({ min: 0, max: 400 }),
  })

type Purchase = typeof purchase extends (isWhole: boolean) => fc.Arbitrary<infer Value> ? Value : never

/** An order as checkout would write it, without a database. */
function orderOf({ lines, terms: partial, feeMinor, freeFromMinor }: Purchase) {
  const cartLines = lines.map((each, index): CartLine => ({
    ...each,
    id: String(index),
    variantId: `v${index}`,
    productId: `p${index}`,
    vendorName: each.vendorId,
    slug: '',
    name: '',
    sku: '',
    size: '',
    colour: '',
    picturePath: '',
    dominantHex: '',
    isSelected: true,
    priceSeenMinor: each.priceMinor,
    available: 20,
    isSold: true,
  }))
  const promo: PromoTerms | undefined =
    partial === undefined
      ? undefined
      : {
          id: '',
          code: 'CODE',
          kind: 'percent',
          basisPoints: null,
          amountMinor: null,
          mostDiscountMinor: null,
          minimumMinor: 0n,
          startsAt: new Date(0),
          endsAt: null,
          totalLimit: null,
          perPersonLimit: null,
          usedCount: 0,
          isActive: true,
          ...partial,
        }
  const county = { county: 'Nairobi', zone: 'city', zoneName: 'Nairobi', feeMinor, freeFromMinor, daysMin: 0, daysMax: 1, lat: 0, lng: 36 }
  const cart = { id: '', lines: cartLines, promo: promo === undefined ? undefined : { code: 'CODE', terms: promo, personUses: 0 } }
  const quote = quoteCart(cart, county, now)
  const picks = lines.flatMap(({ quantity, near }, index) =>
    [
      { variantId: `v${index}`, warehouseId: 'near', quantity: Math.min(near, quantity) },
      { variantId: `v${index}`, warehouseId: 'far', quantity: quantity - Math.min(near, quantity) },
    ].filter((pick) => pick.quantity > 0),
  )
  const rows = lineRows(systemStamp('test', { clock: systemClock, ids: randomIds }), 'order', draftLines(quote, picks))
  return { quote, totals: quote.totals, rows }
}

const sum = <Row>(rows: readonly Row[], of: (row: Row) => bigint): bigint => rows.reduce((total, row) => total + of(row), 0n)

function checkPrice(wish: Purchase) {
  const { totals, rows } = orderOf(wish)
  // Lines plus fee minus discount is the total, and the rows are what the sums say.
  expect(totals.linesMinor + totals.deliveryMinor - totals.discountMinor).toBe(totals.totalMinor)
  expect(sum(rows, (row) => row.totalMinor)).toBe(totals.linesMinor)
  expect(sum(rows, (row) => row.discountMinor)).toBe(totals.discountMinor)
  expect(sum(rows, (row) => row.vatMinor) + vatInside(totals.deliveryMinor, standardVatBasisPoints)).toBe(totals.vatMinor)
  expect(totals.totalMinor >= 100n || totals.discountMinor === 0n).toBe(true)
  for (const row of rows) {
    expect(row.totalMinor).toBe(row.unitPriceMinor * BigInt(row.quantity))
    expect(row.discountMinor >= 0n && row.discountMinor <= row.totalMinor).toBe(true)
    expect(row.vatMinor >= 0n && row.vatMinor <= row.totalMinor - row.discountMinor).toBe(true)
  }
  return { totals, rows }
}

/** Sells the order, gives some back out of goodwill, then takes every piece back in the wished portions. */
function checkReturns(wish: Purchase): { parts: bigint[]; totalMinor: bigint } {
  const { totals, rows } = checkPrice(wish)
  const sale = salePosting({ ...totals, lines: rows }).filter((each) => each.account !== 'order_receivable')
  expect(sumOf(sale)).toBe(-totals.totalMinor)
  const left = rows.map((row) => row.quantity)
  const portions = [...wish.portions, ...rows.map((_, index) => [index, 20] as const)]
  let named: PostingLine[] = []
  let soFar: PostingLine[] = []
  const parts: bigint[] = []
  for (const [pick, wanted] of portions) {
    const index = pick % rows.length
    const row = rows[index]
    const count = Math.min(wanted, left[index] ?? 0)
    if (row === undefined || count === 0) continue
    const first = row.quantity - (left[index] ?? 0)
    left[index] = (left[index] ?? 0) - count
    const part = partOfLine({ ...row, commissionVatMinor: vatInside(row.commissionMinor, standardVatBasisPoints) }, first, count)
    expect(part.paidMinor >= 0n && part.vatMinor >= 0n && part.vatMinor <= part.paidMinor).toBe(true)
    const deliveryMinor = left.every((pieces) => pieces === 0) ? totals.deliveryMinor : 0n
    const refundMinor = part.paidMinor + deliveryMinor
    const posting = returnPosting([{ ...part, vendorId: row.vendorId }], deliveryMinor)
    expect(sumOf(posting)).toBe(refundMinor)
    // Only the vendor of the goods gives anything.
    expect(posting.every((each) => each.vendorId === undefined || each.vendorId === row.vendorId)).toBe(true)
    named = netted([...named, ...posting])
    const change = takeBackNamed(sale, soFar, named, 0n)
    expect(sumOf(change)).toBe(refundMinor)
    soFar = netted([...soFar, ...change])
    parts.push(refundMinor)
  }
  expect(sum(parts, (part) => part)).toBe(totals.totalMinor)
  // Nobody has anything of the sale left, and nobody gave more than they had.
  expect(netted([...sale, ...soFar])).toEqual([])
  return { parts, totalMinor: totals.totalMinor }
}

describe(`the arithmetic of an order (seed ${seed})`, () => {
  test('adds up to the cent, whatever is bought, with whatever code, from however many warehouses', () => {
    fc.assert(
      fc.property(purchase(false), (wish) => void checkPrice(wish)),
      { numRuns: 1_500, seed },
    )
  })

  test('goes back exactly: everything returned in any portions and order is everything that was paid, of everybody', () => {
    fc.assert(
      fc.property(purchase(false), (wish) => void checkReturns(wish)),
      { numRuns: 1_000, seed },
    )
  })

  test('stays in whole shillings where prices are, so that M-Pesa can take and send every part', () => {
    fc.assert(
      fc.property(purchase(true), (wish) => {
        const { parts, totalMinor } = checkReturns(wish)
        expect([totalMinor, ...parts].every(isWholeShillings)).toBe(true)
      }),
      { numRuns: 1_000, seed },
    )
  })

  test('a claw-back by share after goods came back takes the rest exactly', () => {
    fc.assert(
      fc.property(purchase(false), (wish) => {
        const { totals, rows } = orderOf(wish)
        const sale = salePosting({ ...totals, lines: rows }).filter((each) => each.account !== 'order_receivable')
        const [row] = rows
        if (row === undefined) return
        const part = partOfLine({ ...row, commissionVatMinor: vatInside(row.commissionMinor, standardVatBasisPoints) }, 0, 1)
        const named = returnPosting([{ ...part, vendorId: row.vendorId }], 0n)
        // Goodwill first, then the return, then all that is left.
        const goodwillMinor = ((totals.totalMinor - part.paidMinor) * BigInt(wish.goodwill)) / 1_000n
        const first = takenBack(sale, goodwillMinor)
        const second = takeBackNamed(sale, first, named, goodwillMinor)
        expect(sumOf(second)).toBe(part.paidMinor)
        const rest = takeBackNamed(sale, netted([...first, ...second]), named, totals.totalMinor - part.paidMinor)
        expect(netted([...sale, ...first, ...second, ...rest])).toEqual([])
      }),
      { numRuns: 1_000, seed },
    )
  })
})

describe(`orders through the doors of the shop (seed ${seed})`, () => {
  let shop: TestShop
  let people: Crew
  let vendorIds: string[]
  beforeAll(async () => {
    shop = await openShop()
    people = await crew(shop)
    const other = shop.context.ids.next()
    await shop.context.db
      .insert(vendors)
      .values({ id: other, slug: 'soles', name: 'Soles', commissionBasisPoints: 1_250, status: 'approved' })
    vendorIds = [shop.catalogue.vendorId, other]
    const admin = await person(shop, { roles: ['admin'] })
    await admin.post('/api/v1/admin/promotions', { code: 'TEN', kind: 'percent', percent: 10 })
    await admin.post('/api/v1/admin/promotions', { code: 'FEE', kind: 'free_delivery' })
    await admin.post('/api/v1/admin/promotions', { code: 'LESS', kind: 'amount', amountMinor: 77_700 })
  })
  afterAll(async () => {
    await shop.settle()
    expect(await checkInvariants(shop.context.db)).toEqual([])
    await shop.close()
  })

  test('ask the phone for exactly the total, and everything sent back empties the books of everybody', async () => {
    const wish = fc.record({
      lines: fc.array(
        fc.record({
          shillings: fc.integer({ min: 50, max: 4_000 }),
          quantity: fc.integer({ min: 1, max: 3 }),
          vendor: fc.nat({ max: 1 }),
          mombasa: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      code: fc.constantFrom(undefined, 'TEN', 'FEE', 'LESS'),
    })
    await fc.assert(
      fc.asyncProperty(wish, async ({ lines, code }) => {
        const goods = await Promise.all(
          lines.map(async ({ shillings, quantity, vendor, mombasa }) => ({
            quantity,
            variantId: (
              await makeVariant(shop.context, shop.catalogue, {
                priceMinor: BigInt(shillings) * 100n,
                vendorId: vendorIds[vendor] ?? '',
                // Some lines come out of two warehouses.
                stock: mombasa ? 1 : 5,
                mombasaStock: 5,
              })
            ).variantId,
          })),
        )
        const order = await place(shop, { lines: goods, ...(code === undefined ? {} : { code }) })
        await shop.settle()
        const prompt = simulatorOf(shop.context)?.prompts(`254${order.phone.slice(1)}`)[0]
        expect((prompt?.amount ?? 0) * 100).toBe(order.totalMinor)
        await press(shop, order)
        for (const { id } of await pack(shop, people.staff, order)) await deliver(shop, people.rider, id)
        const seen = await order.see()
        for (const each of seen.lines) {
          const answer = await order.visitor.post(order.path('/returns'), {
            lines: [{ lineId: each.id, quantity: each.quantity, reason: 'other' }],
          })
          const { id } = (await answer.json()) as { id: string }
          expect((await people.staff.post(`/api/v1/admin/returns/${id}/receive`, {})).status).toBe(200)
        }
        const refunds = await shop.database
          .sql`select coalesce(sum(amount_minor), 0)::int as sent from transactions where order_id = ${order.id} and kind = 'refund'`
        expect(refunds[0]?.['sent']).toBe(order.totalMinor)
        const standing = await shop.database
          .sql`select account from ledger_entries where order_id = ${order.id} and account not in ('provider_clearing', 'refunds_payable', 'order_receivable') group by account, vendor_id having sum(amount_minor) <> 0`
        expect([...standing]).toEqual([])
      }),
      { numRuns: 12, seed, endOnFailure: true },
    )
  }, 180_000)
})
