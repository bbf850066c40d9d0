import { readFileSync } from 'node:fs'
import { buildContext } from '../../src/context.ts'
import { seedShop } from '../../src/cli/seed/seed-shop.ts'
import { readConfig } from '../../src/platform/config.ts'
import { type Bench, type Figure, median } from './figure.ts'
import { type MeasuredProcess, startShop, startStaticServer, withServers } from './measured-process.ts'
import { sendLoad } from './send-load.ts'

const product = '/p/lamu-tie-dress'
const browser = { accept: 'text/html', 'accept-encoding': 'gzip, deflate, br, zstd' }
const made = 400
const kept = 6_000
const rounds = 5
// storefront.md 2.8 and issue 7.
const gates = { htmlKb: 14, scriptKb: 8, renderMs: 1.5 }

/**
 * What a page costs: bytes of the product page and its scripts beside their budget, processor time of one that is made anew with its
 * data at hand, and how many finished ones go out beside the same bytes from a static route of a bare server.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const environment = { NODE_ENV: 'development', DATABASE_URL: database.url, REDIS_URL: redisUrl, DATA_DIR: '.data/bench' }
    const built = buildContext(readConfig(environment), { databaseUrl: database.url, redisUrl }, { withoutCron: true })
    await seedShop(built.context)
    await built.dispose()
    const shop = await startShop(database, redisUrl)
    try {
      return [...(await bytes(shop)), await renderCost(shop), await rate(shop)]
    } finally {
      await shop.end()
    }
  })

async function bytes(shop: MeasuredProcess): Promise<Figure[]> {
  const sizes: Record<string, number> = {}
  for (const encoding of ['br', 'zstd', 'gzip']) sizes[encoding] = (await raw(`${shop.origin}${product}`, encoding)).byteLength / 1_000
  const html = await (await fetch(`${shop.origin}${product}`)).text()
  const scripts = [...html.matchAll(/<script type="module" src="([^"]+)"/g)].map(([, src]) => src ?? '')
  const scriptKb = (await Promise.all(scripts.map((src) => raw(`${shop.origin}${src}`, 'br')))).reduce(
    (sum, body) => sum + body.byteLength / 1_000,
    0,
  )
  return [
    ...Object.entries(sizes).map(([encoding, value]) => ({
      name: `product-html-css-${encoding}`,
      value,
      unit: 'kB',
      reference: gates.htmlKb,
    })),
    { name: 'product-js-br', value: scriptKb, unit: 'kB', reference: gates.scriptKb },
  ]
}

const raw = async (url: string, encoding: string): Promise<ArrayBuffer> =>
  (await fetch(url, { headers: { 'accept-encoding': encoding }, decompress: false } as RequestInit)).arrayBuffer()

/** Addresses no two of which are alike are no finished page, but the same product, whose data is at hand. */
async function renderCost(shop: MeasuredProcess): Promise<Figure> {
  const requests = (from: number) =>
    Array.from({ length: made }, (_, index) => ({ method: 'GET', path: `${product}?n=${from + index}`, headers: browser, body: '' }))
  await sendLoad({ origin: shop.origin, connections: 1, requests: requests(0) }, 200)
  const costs: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const before = cpuMs(shop.pid)
    await sendLoad({ origin: shop.origin, connections: 1, requests: requests(round * made) }, 200)
    costs.push((cpuMs(shop.pid) - before) / made)
  }
  return { name: 'product-page-made-cpu', value: median(costs), unit: 'ms', reference: gates.renderMs }
}

/** The same bytes, from the shop and from a static route, one after the other in each round. */
async function rate(shop: MeasuredProcess): Promise<Figure> {
  const page = await fetch(`${shop.origin}${product}`, { headers: browser, decompress: false } as RequestInit)
  const bare = await startStaticServer(product, new Uint8Array(await page.arrayBuffer()), Object.fromEntries(page.headers))
  const perSecond = async (origin: string): Promise<number> => {
    const requests = Array.from({ length: kept }, () => ({ method: 'GET', path: product, headers: browser, body: '' }))
    return (kept * 1_000) / (await sendLoad({ origin, connections: 8, requests }, 200)).tookMs
  }
  try {
    const rates: { shop: number; bare: number }[] = []
    for (let round = 0; round <= rounds; round++) rates.push({ bare: await perSecond(bare.origin), shop: await perSecond(shop.origin) })
    const warm = rates.slice(1)
    return {
      name: 'product-page-kept-rate',
      value: median(warm.map((each) => each.shop)),
      unit: 'pages/s',
      reference: median(warm.map((each) => each.bare)),
    }
  } finally {
    await bare.end()
  }
}

/** Processor time a process has taken so far, in its own code and in the kernel. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
