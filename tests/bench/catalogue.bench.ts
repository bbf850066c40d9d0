import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { growShop } from '../../src/cli/seed/grow-shop.ts'
import { story } from '../../src/cli/seed/story.ts'
import type { Context } from '../../src/context.ts'
import { seedShop } from '../../src/cli/seed/seed-shop.ts'
import { hashPassword } from '../../src/domain/accounts/hash-password.ts'
import { writeProduct, writeProducts } from '../../src/domain/catalog/product.queries.ts'
import { closeDays } from '../../src/domain/vendors/close-days.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { Db } from '../../src/platform/db.ts'
import { createMedia } from '../../src/platform/media.ts'
import { type FreshDatabase, freshDatabase, stopTestServers, testRedisUrl } from '../support/database.ts'
import { testPassword } from '../support/factories.ts'
import type { BareReport } from './bare-order.ts'
import { type Bench, type Figure, median } from './figure.ts'
import { type MeasuredProcess, startShop } from './measured-process.ts'
import { askProcess, percentile, sendLoad } from './send-load.ts'

const rounds = 5
const requestsARound = 60
const connections = 8
const rateRequests = 800

interface Sized {
  readonly database: FreshDatabase
  readonly shop: MeasuredProcess
  readonly pages: readonly Page[]
}
interface Page {
  readonly name: string
  readonly paths: readonly string[]
  readonly headers: Record<string, string>
}

/**
 * What finding and buying costs in a shop of 10,000 products and 100,000 orders; beside it the same in one of 1,000 and 10,000. The
 * promise is that no ratio is over 2. Then how many lists and products a second come through HTTP; beside it the same SQL sent by a
 * bare script, of which the promise is a third. Nothing is cached on the way; counts of facets are kept until something is sold out.
 */
export const bench: Bench = async () => {
  const redisUrl = await testRedisUrl()
  const open: Sized[] = []
  try {
    for (const [products, orders] of [
      [1_000, 10_000],
      [10_000, 100_000],
    ] as const)
      open.push(await openSized(products, orders, redisUrl))
    const [small, large] = open
    if (small === undefined || large === undefined) throw new Error('no shop was opened')
    return [...(await costs(small, large)), ...(await rates(large))]
  } finally {
    for (const { shop, database } of open) {
      await shop.end()
      await database.drop()
    }
    await stopTestServers()
  }
}

async function openSized(products: number, orders: number, redisUrl: string): Promise<Sized> {
  const database = await freshDatabase()
  await seedShop({ db: database.db, clock: systemClock, ids: randomIds, media: createMedia('.data/bench/media') })
  await growShop({ databaseUrl: database.url, products, orders })
  const shop = await startShop(database, redisUrl)
  return { database, shop, pages: await pagesOf(database, shop.origin) }
}

/** The same questions for both sizes; words and products are taken from what both have. */
async function pagesOf(database: FreshDatabase, origin: string): Promise<Page[]> {
  const shelves = await database.sql<{ slug: string }[]>`select slug from categories order by slug limit 8`
  const slugs = (
    await database.sql<{ slug: string }[]>`select slug from products where slug in ('grown-7', 'grown-70', 'grown-470', 'grown-903')`
  ).map(({ slug }) => slug)
  const shopper = await signIn(database, origin, 'shopper-3@grown.example')
  // As every night does; the factory needs no more of a context than this.
  await closeDays({ db: database.db, clock: systemClock } as Context)
  const vendor = await signIn(database, origin, story.people.find(({ role }) => role === 'vendor-owner')?.email ?? '')
  const bag = await fillBag(database, origin)
  const open = (name: string, paths: readonly string[]): Page => ({ name, paths, headers: {} })
  const lists = [
    '',
    ...shelves.map(({ slug }) => `&category=${slug}`),
    '&sort=price',
    '&sort=-price',
    '&size=M',
    '&size=XL&colour=Indigo&inStock=true',
    '&maxPrice=200000',
  ]
  const words = ['safari', 'kanga', 'gauni', 'denim shorts', 'tausi linen', 'kamga', 'heri jersy', 'zawadi kitenge dress']
  return [
    open(
      'list',
      lists.map((query) => `/api/v1/products?limit=24${query}`),
    ),
    open('list, tenth page', await deepPages(origin)),
    open(
      'facets',
      lists.map((query) => `/api/v1/products/facets?${query.replace('&sort=price', '').replace('&sort=-price', '')}`),
    ),
    open(
      'facets of a search',
      words.map((word) => `/api/v1/products/facets?q=${encodeURIComponent(word)}`),
    ),
    open(
      'search',
      words.map((word) => `/api/v1/products?limit=24&q=${encodeURIComponent(word)}`),
    ),
    open(
      'suggest',
      ['saf', 'kang', 'gau', 'den', 'tausi l', 'kamga', 'heri'].map((word) => `/api/v1/search/suggest?q=${encodeURIComponent(word)}`),
    ),
    open(
      'product',
      slugs.map((slug) => `/api/v1/products/${slug}`),
    ),
    open(
      'related products',
      slugs.map((slug) => `/api/v1/products/${slug}/related`),
    ),
    { name: 'cart', paths: ['/api/v1/cart'], headers: { cookie: bag } },
    { name: 'order list', paths: ['/api/v1/orders'], headers: shopper },
    { name: 'vendor figures', paths: ['/api/v1/vendor/kpis'], headers: vendor },
  ]
}

async function deepPages(origin: string): Promise<string[]> {
  let cursor = ''
  for (let page = 0; page < 9; page++) {
    const answer = (await (await fetch(`${origin}/api/v1/products?limit=24&cursor=${cursor}`)).json()) as { nextCursor: string | null }
    cursor = answer.nextCursor ?? ''
  }
  return [`/api/v1/products?limit=24&cursor=${cursor}`]
}

async function signIn(database: FreshDatabase, origin: string, email: string): Promise<Record<string, string>> {
  await database.sql`update accounts set password_hash = ${await hashPassword(testPassword)} where email = ${email}`
  const answer = await fetch(`${origin}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: email, password: testPassword }),
  })
  const { token } = (await answer.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}

async function fillBag(database: FreshDatabase, origin: string): Promise<string> {
  const free = await database.sql<{ id: string }[]>`
    select v.id from variants v join stock_levels s on s.variant_id = v.id where v.sku like 'GRW-0000%' and s.on_hand > 5 order by v.sku limit 5`
  let cookie = ''
  for (const { id } of free) {
    const answer = await fetch(`${origin}/api/v1/cart/lines`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(cookie === '' ? {} : { cookie }) },
      body: JSON.stringify({ variantId: id, quantity: 1 }),
    })
    await answer.arrayBuffer()
    cookie = (answer.headers.getSetCookie()[0] ?? cookie).split(';')[0] ?? ''
  }
  return cookie
}

/** One request after the other, turn and turn about between the sizes, so that a hiccup of the machine does not fall on one of them. */
async function costs(small: Sized, large: Sized): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [at, page] of small.pages.entries()) {
    const twin = large.pages[at]
    if (twin === undefined) throw new Error(`the large shop has no ${page.name}`)
    const times: Record<'small' | 'large', number[]> = { small: [], large: [] }
    for (let round = -1; round < rounds; round++) {
      const one = median(await ask(small.shop.origin, page))
      const other = median(await ask(large.shop.origin, twin))
      // The first round warms plans, pools and copies.
      if (round < 0) continue
      times.small.push(one)
      times.large.push(other)
    }
    figures.push({ name: `${page.name} at 10,000 products`, value: median(times.large), unit: 'ms', reference: median(times.small) })
  }
  return figures
}

async function ask(origin: string, page: Page): Promise<readonly number[]> {
  const requests = Array.from({ length: requestsARound }, (_, index) => ({
    method: 'GET',
    path: page.paths[index % page.paths.length] ?? '/',
    headers: page.headers,
    body: '',
  }))
  return (await sendLoad({ origin, connections: 1, requests }, 200)).latenciesMs
}

/** Answers a second through HTTP and statements a second from the bare script, over as many connections, turn and turn about. */
async function rates(large: Sized): Promise<Figure[]> {
  const kinds = [
    { name: 'lists of 24', path: '/api/v1/products?limit=24', run: (db: Db) => writeProducts(db, { limit: 24, inStock: false }) },
    { name: 'products', path: '/api/v1/products/grown-7', run: (db: Db) => writeProduct(db, 'grown-7') },
  ]
  const figures: Figure[] = []
  for (const { name, path, run } of kinds) {
    const { text, parameters } = await statementOf(large.database.url, run)
    const through: { perSecond: number; p99: number }[] = []
    const bare: { perSecond: number; p99: number }[] = []
    for (let round = -1; round < 3; round++) {
      const requests = Array.from({ length: rateRequests }, () => ({ method: 'GET', path, headers: {}, body: '' }))
      const sent = await sendLoad({ origin: large.shop.origin, connections, requests }, 200)
      const plain = await askProcess<BareReport>('bare-statements.ts', {
        url: large.database.url,
        connections,
        isTransaction: false,
        statements: [text],
        rows: Array.from({ length: rateRequests }, () => parameters),
      })
      if (round < 0) continue
      through.push({ perSecond: (rateRequests / sent.tookMs) * 1_000, p99: percentile(sent.latenciesMs, 99) })
      bare.push({ perSecond: (rateRequests / plain.tookMs) * 1_000, p99: percentile(plain.latenciesMs, 99) })
    }
    const middle = (list: typeof through, what: 'perSecond' | 'p99'): number => median(list.map((each) => each[what]))
    figures.push({ name: `${name} through HTTP`, value: middle(through, 'perSecond'), unit: '/s', reference: middle(bare, 'perSecond') })
    figures.push({ name: `${name} through HTTP, p99`, value: middle(through, 'p99'), unit: 'ms', reference: middle(bare, 'p99') })
  }
  return figures
}

/** The one statement a query sends, with its parameters. */
async function statementOf(url: string, run: (db: Db) => Promise<unknown>): Promise<{ text: string; parameters: unknown[] }> {
  const sent: { text: string; parameters: unknown[] }[] = []
  const driver = postgres(url, { max: 1, onnotice: () => {}, debug: (_, text, parameters) => void sent.push({ text, parameters }) })
  try {
    await driver`select 1`
    sent.length = 0
    await run(drizzle(driver, { casing: 'snake_case' }) as unknown as Db)
    const [only] = sent
    if (only === undefined || sent.length !== 1) throw new Error(`one statement was expected, not ${sent.length}`)
    return only
  } finally {
    await driver.end({ timeout: 2 })
  }
}
