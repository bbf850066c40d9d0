import { afterAll, beforeAll, expect, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/postgres-js'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { writeProducts } from '../../src/domain/catalog/product.queries.ts'
import { suggest } from '../../src/domain/catalog/search/suggest.queries.ts'
import type { Db } from '../../src/platform/db.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const golden = join(import.meta.dirname, '../golden/search-plans.txt')
let shop: TestShop
let driver: postgres.Sql
const sent: { text: string; parameters: unknown[] }[] = []

beforeAll(async () => {
  shop = await openShop()
  driver = postgres(shop.database.url, { max: 1, onnotice: () => {}, debug: (_, text, parameters) => void sent.push({ text, parameters }) })
  // Ten thousand products are what makes an index worth its while; nothing else of them is needed for a plan.
  await driver`
    insert into products (id, slug, vendor_id, category_id, name, keywords, status, least_minor, published_at)
    select gen_random_uuid(), 'planned-' || n, ${shop.catalogue.vendorId}, ${shop.catalogue.categoryId},
      concat_ws(' ', (array['amani','bahari','chui','dafina','elimu','furaha','ghala','hodari'])[1 + n % 8], 'kitenge', translate(to_char(n, 'FM00000'), '0123456789', 'abdefgikmn')),
      'leso', 'active', 50000 + n * 100, timestamptz '2026-01-01' + n * interval '1 minute'
    from generate_series(1, 10000) n`
  await driver`vacuum analyze`
})
afterAll(async () => {
  await driver.end({ timeout: 2 })
  await shop.close()
})

/** How the rows of the catalogue and of its words are reached, in the order of the plan. */
async function plansOf(ask: (db: Db) => Promise<unknown>): Promise<string[]> {
  await driver`select 1`
  sent.length = 0
  await ask(drizzle(driver, { casing: 'snake_case' }) as unknown as Db)
  const plans: string[] = []
  for (const { text, parameters } of sent.splice(0)) {
    const lines = await driver.unsafe<{ 'QUERY PLAN': string }[]>(`explain (costs off) ${text}`, parameters as never[])
    for (const line of lines) {
      const scan = /((?:Bitmap |Parallel )?(?:Index|Heap|Seq)[A-Za-z ]* (?:using|on) \S+(?: on \S+)?)/.exec(line['QUERY PLAN'])?.[1]
      if (scan !== undefined && /products|search_words/.test(scan)) plans.push(`  ${scan}`)
    }
  }
  return plans
}

test('lists, searches and corrections reach ten thousand products by their indexes', async () => {
  const questions: [string, (db: Db) => Promise<unknown>][] = [
    ['newest first', (db) => writeProducts(db, { limit: 24 })],
    ['cheapest first', (db) => writeProducts(db, { limit: 24, sort: 'price' })],
    ['dearest first', (db) => writeProducts(db, { limit: 24, sort: '-price' })],
    ['a rare word, by full text', (db) => writeProducts(db, { limit: 24, q: 'abdef' })],
    ['several words, by full text', (db) => writeProducts(db, { limit: 24, q: 'amani kitenge abdfa' })],
    ['a mistyped word, set right by trigrams', (db) => writeProducts(db, { limit: 24, q: 'baharri' })],
    ['words like none we know, by trigrams of names', (db) => writeProducts(db, { limit: 24, q: 'zzyzx qwrtp' })],
    ['suggestions', (db) => suggest(db, 'abde')],
  ]
  const lines: string[] = []
  for (const [name, ask] of questions) lines.push(`${name}:`, ...(await plansOf(ask)))
  const plans = `${lines.join('\n')}\n`
  // Written anew by `WRITE_GOLDEN=1 bun test tests/catalog/search-plans.test.ts`, and then read by a person.
  if (process.env['WRITE_GOLDEN'] === '1') writeFileSync(golden, plans)
  expect(plans).toBe(readFileSync(golden, 'utf8'))
  for (const scan of ['products_newest', 'products_price', 'products_search', 'products_name_trigram', 'search_words_trigram'])
    expect(plans).toContain(scan)
  expect(plans).not.toMatch(/Seq Scan on (products|search_words)/)
})
