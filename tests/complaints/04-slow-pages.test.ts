import { afterAll, beforeAll, expect, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { activeCart } from '../../src/domain/cart/cart.queries.ts'
import { listFacets } from '../../src/domain/catalog/facet.queries.ts'
import { productBySlug, writeProducts } from '../../src/domain/catalog/product.queries.ts'
import { suggest } from '../../src/domain/catalog/search/suggest.queries.ts'
import type { Db } from '../../src/platform/db.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let driver: postgres.Sql
let db: Db
const sent: { text: string; parameters: unknown[] }[] = []
beforeAll(async () => {
  shop = await openShop()
  driver = postgres(shop.database.url, { max: 1, onnotice: () => {}, debug: (_, text, parameters) => void sent.push({ text, parameters }) })
  db = drizzle(driver, { casing: 'snake_case' }) as unknown as Db
})
afterAll(async () => {
  await driver.end({ timeout: 2 })
  await shop.close()
})

const sizes = ['S', 'M', 'L', 'XL', 'XXL']
const fill = async (products: number): Promise<string[]> => {
  const slugs: string[] = []
  for (let index = 0; index < products; index++)
    slugs.push(
      (
        await makeProduct(shop.context, shop.catalogue, {
          name: `Kanga ${index}`,
          variants: sizes.flatMap((size) => ['Indigo', 'Rust'].map((colour) => ({ size, colour }))),
        })
      ).slug,
    )
  return slugs
}

/** How many statements each page takes and how many rows of products and variants they read, the catalogue being as it is now. */
async function effort(slug: string): Promise<{ statements: number[]; productsRead: number }> {
  await listFacets(db, {})
  const pages: (() => Promise<unknown>)[] = [
    () => writeProducts(db, { limit: 24 }),
    () => productBySlug(db, slug),
    () => suggest(db, 'kanga'),
    () => listFacets(db, { sizes: ['M'] }),
    () => activeCart(db, { kind: 'guest', cartTokenHash: sha256Hex('nobody') }),
  ]
  const statements: number[] = []
  let productsRead = 0
  for (const [at, page] of pages.entries()) {
    sent.length = 0
    await page()
    statements.push(sent.length)
    const [list] = sent
    if (at !== 0 || list === undefined) continue
    const lines = await driver.unsafe<{ 'QUERY PLAN': string }[]>(
      `explain (analyze, costs off, timing off) ${list.text}`,
      list.parameters as never[],
    )
    for (const line of lines) {
      const [, rows] = / on products p.*actual rows=(\d+)/.exec(line['QUERY PLAN']) ?? []
      productsRead += Number(rows ?? 0)
    }
  }
  return { statements, productsRead }
}

// medusajs/medusa#11896, medusajs/nextjs-starter-medusa#410, saleor/saleor#12365, vendurehq/vendure#3037: seconds for a list or a bag.
// How long it takes is measured by `bun run bench catalogue`; here, that the work of a page does not grow with the catalogue.
test('complaint 4, slow pages: a page asks as many statements and reads as many products of a large catalogue as of a small one', async () => {
  const [slug = ''] = await fill(30)
  await driver`analyze`
  const small = await effort(slug)
  await fill(270)
  await driver`vacuum analyze`
  const large = await effort(slug)
  expect(large.statements).toEqual(small.statements)
  expect(Math.max(...large.statements)).toBeLessThanOrEqual(2)
  expect(large.productsRead).toBeLessThanOrEqual(30)
}, 60_000)
