import { afterAll, beforeAll, expect, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { activeCart } from '../../src/domain/cart/cart.queries.ts'
import { listFacets } from '../../src/domain/catalog/facet.queries.ts'
import { productBySlug, writeProducts } from '../../src/domain/catalog/product.queries.ts'
import { writeRelated } from '../../src/domain/catalog/related.queries.ts'
import { suggest } from '../../src/domain/catalog/search/suggest.queries.ts'
import { listOrders } from '../../src/domain/orders/order.queries.ts'
import { vendorKpis } from '../../src/domain/vendors/vendor-kpi.queries.ts'
import type { Actor } from '../../src/lib/actor.ts'
import type { Db } from '../../src/platform/db.ts'
import { buy, person } from '../support/actors.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let driver: postgres.Sql
let db: Db
let actor: Actor
let slug = ''
const sent: string[] = []

beforeAll(async () => {
  shop = await openShop()
  driver = postgres(shop.database.url, { max: 1, onnotice: () => {}, debug: (_, text) => void sent.push(text) })
  db = drizzle(driver, { casing: 'snake_case' }) as unknown as Db
  await driver`select 1`
  const shopper = await person(shop)
  actor = { kind: 'person', accountId: shopper.accountId ?? '', sessionId: '', name: '', roles: [], vendors: [], cartTokenHash: undefined }
  for (let index = 0; index < 30; index++) {
    const made = await makeProduct(shop.context, shop.catalogue, {
      name: `Kanga ${index}`,
      variants: ['S', 'M', 'L', 'XL'].flatMap((size) => ['Indigo', 'Rust'].map((colour) => ({ size, colour, stock: 50 }))),
    })
    slug = made.slug
    if (index < 6) expect((await buy(shopper, made.variantIds[0] ?? '')).status).toBe(201)
    else if (index < 12) await shopper.post('/api/v1/cart/lines', { variantId: made.variantIds[0], quantity: 1 })
  }
})
afterAll(async () => {
  await driver.end({ timeout: 2 })
  await shop.close()
})

/** Everything that pages and the API ask of the catalogue, with the most statements it may take, however much there is. */
const questions: [name: string, most: number, ask: () => Promise<unknown>][] = [
  ['a list', 1, () => writeProducts(db, { limit: 24 })],
  ['a narrowed list', 1, () => writeProducts(db, { limit: 24, category: 'dresses', sizes: ['M'], inStock: true, sort: 'price' })],
  ['a search', 2, () => writeProducts(db, { limit: 24, q: 'kamga gauni' })],
  ['suggestions', 2, () => suggest(db, 'kan')],
  // The first time a process counts it reads the shelves; every later answer asks what changed.
  ['facets', 1, () => listFacets(db, { category: 'dresses', sizes: ['M'] })],
  ['facets of a search', 3, () => listFacets(db, { q: 'kanga' })],
  ['a product with its variants', 1, () => productBySlug(db, slug)],
  ['related products', 2, () => writeRelated(db, slug)],
  ['a bag of six', 1, () => activeCart(db, actor)],
  ['figures of a vendor', 3, () => vendorKpis(db, shop.catalogue.vendorId, shop.context.clock.now(), 14)],
  [
    'a list of orders',
    2,
    () => listOrders(db, { accountId: actor.kind === 'person' ? actor.accountId : '', state: undefined, cursor: undefined, limit: 20 }),
  ],
]

test.each(questions)('%s takes at most %i statements', async (_, most, ask) => {
  await listFacets(db, {})
  sent.length = 0
  await ask()
  expect(sent.length).toBeGreaterThan(0)
  expect({ statements: sent.length, isWithin: sent.length <= most }).toEqual({ statements: sent.length, isWithin: true })
})
