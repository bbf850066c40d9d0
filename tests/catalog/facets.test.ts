import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Facets } from '../../src/domain/catalog/facet.queries.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 100_000)
let shop: TestShop
/** What the test itself knows of the shelves. */
const known: Product[] = []
interface Product {
  productId: string
  isKanga: boolean
  category: string
  vendor: string
  isOnSale: boolean
  variants: { variantId: string; size: string; colour: string; priceMinor: number; stock: number }[]
}
interface Choice {
  category?: string
  vendor?: string
  sizes: string[]
  colours: string[]
  min?: number
  max?: number
  inStock: boolean
  q?: string
}

let state = seed
/** A number from 0 to below `most`, the same for the same seed. */
function dice(most: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return (state >>> 8) % most
}
const pick = <Value>(values: readonly Value[]): Value => values[dice(values.length)] as Value
const sizes = ['S', 'M', 'L', '38', 'One size']
const colours = ['Indigo', 'Rust', 'Forest']

beforeAll(async () => {
  process.stdout.write(`facets: TEST_SEED=${seed}\n`)
  shop = await openShop()
  const { sql } = shop.database
  const shelves: Record<string, string> = {
    dresses: shop.catalogue.categoryId,
    gowns: shop.context.ids.next(),
    men: shop.context.ids.next(),
  }
  await sql`insert into categories (id, slug, name, parent_id) values (${shelves['gowns'] ?? ''}, 'gowns', 'Gowns', ${shop.catalogue.categoryId}), (${shelves['men'] ?? ''}, 'men', 'Men', null)`
  const other = shop.context.ids.next()
  await sql`insert into vendors (id, slug, name, status) values (${other}, 'pwani', 'Pwani', 'approved')`
  for (let index = 0; index < 40; index++) {
    const category = pick(Object.keys(shelves))
    const vendor = pick(['kariokor', 'pwani'])
    const isKanga = dice(2) === 0
    const offered = sizes.flatMap((size) =>
      colours.flatMap((colour) =>
        dice(3) === 0 ? [{ size, colour, priceMinor: pick([50_000, 99_999, 100_000, 250_000, 700_000]), stock: dice(3) }] : [],
      ),
    )
    if (offered.length === 0) continue
    const made = await makeProduct(shop.context, shop.catalogue, {
      name: isKanga ? 'Kanga' : 'Kofia',
      categoryId: shelves[category] ?? '',
      vendorId: vendor === 'pwani' ? other : shop.catalogue.vendorId,
      variants: offered.map(({ size, colour, priceMinor, stock }) => ({ size, colour, stock, priceMinor: BigInt(priceMinor) })),
    })
    known.push({
      productId: made.productId,
      isKanga,
      category,
      vendor,
      isOnSale: true,
      variants: offered.map((variant, at) => ({ ...variant, variantId: made.variantIds[at] ?? '' })),
    })
  }
})
afterAll(() => shop.close())

const query = (choice: Choice): string =>
  new URLSearchParams({
    ...(choice.category === undefined ? {} : { category: choice.category }),
    ...(choice.vendor === undefined ? {} : { vendor: choice.vendor }),
    ...(choice.sizes.length === 0 ? {} : { size: choice.sizes.join(',') }),
    ...(choice.colours.length === 0 ? {} : { colour: choice.colours.join(',') }),
    ...(choice.min === undefined ? {} : { minPrice: String(choice.min) }),
    ...(choice.max === undefined ? {} : { maxPrice: String(choice.max) }),
    ...(choice.inStock ? { inStock: 'true' } : {}),
    ...(choice.q === undefined ? {} : { q: choice.q }),
  }).toString()
const facets = async (choice: Choice): Promise<Facets> =>
  (await (await shop.fetch(`/api/v1/products/facets?${query(choice)}`)).json()) as Facets
async function listed(choice: Choice): Promise<number> {
  let [count, cursor] = [0, '']
  do {
    const page = (await (
      await shop.fetch(`/api/v1/products?limit=7&${query(choice)}${cursor === '' ? '' : `&cursor=${cursor}`}`)
    ).json()) as {
      items: unknown[]
      nextCursor: string | null
    }
    count += page.items.length
    cursor = page.nextCursor ?? ''
  } while (cursor !== '')
  return count
}

/** How many products fit, worked out the plain way. */
const fitting = (choice: Choice): number =>
  known.filter(
    (product) =>
      product.isOnSale &&
      (choice.category === undefined ||
        product.category === choice.category ||
        (choice.category === 'dresses' && product.category === 'gowns')) &&
      (choice.vendor === undefined || product.vendor === choice.vendor) &&
      (choice.q === undefined || product.isKanga) &&
      product.variants.some(
        (variant) =>
          (choice.sizes.length === 0 || choice.sizes.includes(variant.size)) &&
          (choice.colours.length === 0 || choice.colours.includes(variant.colour)) &&
          variant.priceMinor >= (choice.min ?? 0) &&
          variant.priceMinor <= (choice.max ?? Number.MAX_SAFE_INTEGER) &&
          (!choice.inStock || variant.stock > 0),
      ),
  ).length

const some = <Value>(values: readonly Value[]): Value[] => values.filter(() => dice(3) === 0)
const choose = (): Choice => ({
  ...(dice(2) === 0 ? { category: pick(['dresses', 'gowns', 'men']) } : {}),
  ...(dice(3) === 0 ? { vendor: pick(['kariokor', 'pwani']) } : {}),
  sizes: dice(2) === 0 ? some(sizes) : [],
  colours: dice(2) === 0 ? some(colours) : [],
  ...(dice(3) === 0 ? { min: pick([0, 100_000]) } : {}),
  ...(dice(3) === 0 ? { max: pick([99_999, 250_000]) } : {}),
  inStock: dice(2) === 0,
  ...(dice(3) === 0 ? { q: 'kanga' } : {}),
})
const without = (choice: Choice, ...names: (keyof Choice)[]): Choice =>
  ({ ...choice, ...Object.fromEntries(names.map((name) => [name, name === 'sizes' || name === 'colours' ? [] : undefined])) }) as Choice

async function checkOne(choice: Choice): Promise<void> {
  const counted = await facets(choice)
  const value = (list: Facets['sizes'], name: string): number => list.find((each) => each.value === name)?.products ?? 0
  expect([choice, counted.products, await listed(choice)]).toEqual([choice, fitting(choice), fitting(choice)])
  for (const size of sizes)
    expect([choice, size, value(counted.sizes, size)]).toEqual([choice, size, fitting({ ...choice, sizes: [size] })])
  for (const colour of colours)
    expect([choice, colour, value(counted.colours, colour)]).toEqual([choice, colour, fitting({ ...choice, colours: [colour] })])
  for (const category of ['dresses', 'gowns', 'men'])
    expect([choice, category, value(counted.categories, category)]).toEqual([choice, category, fitting({ ...choice, category })])
  for (const vendor of ['kariokor', 'pwani'])
    expect([choice, vendor, value(counted.vendors, vendor)]).toEqual([choice, vendor, fitting({ ...choice, vendor })])
  for (const band of counted.prices)
    expect([choice, band.minMinor, band.products]).toEqual([
      choice,
      band.minMinor,
      fitting({ ...without(choice, 'min', 'max'), min: band.minMinor, max: band.maxMinor ?? 999_999_999 }),
    ])
  expect([choice, counted.inStock]).toEqual([choice, fitting({ ...choice, inStock: true })])
}

describe('facets', () => {
  test('count what a list would hold, for any choice', async () => {
    for (let round = 0; round < 60; round++) await checkOne(choose())
  })

  test('follow every change at once: sold out, filled up, off sale, new price, a vendor suspended', async () => {
    const { sql } = shop.database
    for (let round = 0; round < 25; round++) {
      const product = pick(known)
      const variant = pick(product.variants)
      const kind = dice(4)
      if (kind === 0) {
        variant.stock = variant.stock > 0 ? 0 : 2
        await sql`insert into stock_levels (variant_id, warehouse_id, on_hand) values (${variant.variantId}, ${shop.catalogue.nairobiId}, ${variant.stock})
          on conflict (variant_id, warehouse_id) do update set on_hand = excluded.on_hand`
      } else if (kind === 1) {
        product.isOnSale = !product.isOnSale
        await sql`update products set status = ${product.isOnSale ? 'active' : 'archived'} where id = ${product.productId}`
      } else if (kind === 2) {
        variant.priceMinor = pick([60_000, 120_000, 800_000])
        await sql`update variants set price_minor = ${variant.priceMinor} where id = ${variant.variantId}`
      } else await sql`update vendors set story = ${`round ${round}`} where slug = 'pwani'`
      await checkOne(choose())
    }
    await sql`update vendors set status = 'suspended' where slug = 'pwani'`
    for (const product of known) if (product.vendor === 'pwani') product.isOnSale = false
    await checkOne({ sizes: [], colours: [], inStock: false })
  })

  test('see a change that commits after a younger one was seen', async () => {
    const { sql } = shop.database
    const [first, second] = known.filter((product) => product.isOnSale)
    if (first === undefined || second === undefined) throw new Error('the shelves are empty')
    const all = { sizes: [], colours: [], inStock: false }
    await checkOne(all)
    const held = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const slow = sql.begin(async (tx) => {
      await tx`update products set status = 'archived' where id = ${first.productId}`
      begun.resolve()
      await held.promise
    })
    await begun.promise
    await sql`update products set status = 'archived' where id = ${second.productId}`
    second.isOnSale = false
    await checkOne(all)
    held.resolve()
    await slow
    first.isOnSale = false
    await checkOne(all)
  })
})
