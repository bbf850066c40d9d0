import { afterAll, beforeAll, expect, test } from 'bun:test'
import { openSeededShop, type TestShop } from '../support/seeded-shop.ts'
import { pageDictionary } from '../../src/web/assets.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openSeededShop()), 60_000)
afterAll(() => shop.close())

/** The bytes of an answer as they travel. */
const weigh = async (path: string, headers: Record<string, string>): Promise<number> => {
  const answer = await shop.fetch(path, { headers: { accept: 'text/html', ...headers } })
  expect([path, answer.status]).toEqual([path, 200])
  return (await answer.arrayBuffer()).byteLength
}
// storefront.md 2.8, gate.
const [pageBytes, scriptBytes, secondPageBytes] = [14_000, 8_000, 2_048]
const pages = ['/p/lamu-tie-dress', '/c/women', '/', '/search?q=kanga', '/cart', '/sw/p/lamu-tie-dress', '/account', '/help']

test('a page and its style sheet arrive in the first flight, in every encoding', async () => {
  for (const path of pages)
    for (const encoding of ['br', 'zstd', 'gzip']) {
      const bytes = await weigh(path, { 'accept-encoding': encoding })
      expect([path, encoding, bytes, bytes <= pageBytes]).toEqual([path, encoding, bytes, true])
    }
})

test('its scripts stay small', async () => {
  for (const path of pages) {
    const html = await (await shop.fetch(path, { headers: { accept: 'text/html' } })).text()
    const scripts = [...html.matchAll(/<script type="module" src="([^"]+)"/g)].map(([, src]) => src ?? '')
    const bytes = (await Promise.all(scripts.map((src) => weigh(src, { 'accept-encoding': 'br' })))).reduce((sum, each) => sum + each, 0)
    expect([path, bytes, bytes <= scriptBytes]).toEqual([path, bytes, true])
  }
})

test('for a browser that has kept the dictionary the next page is the difference, and unpacks to the same page', async () => {
  const { path, id, bytes: dictionary } = pageDictionary() ?? { path: '', id: '', bytes: new Uint8Array() }
  const offered = await shop.fetch(path)
  expect(offered.headers.get('use-as-dictionary')).toContain('match="/*"')
  expect(new Uint8Array(await offered.arrayBuffer())).toEqual(dictionary)
  for (const page of ['/cart', '/account', '/help/returns', '/p/lamu-tie-dress']) {
    const answer = await shop.fetch(page, {
      headers: { accept: 'text/html', 'accept-encoding': 'gzip, br, zstd, dcb, dcz', 'available-dictionary': id },
    })
    expect(answer.headers.get('content-encoding')).toBe('dcz')
    expect(answer.headers.get('vary')).toContain('Available-Dictionary')
    const packed = new Uint8Array(await answer.arrayBuffer())
    expect([page, packed.length, packed.length <= secondPageBytes]).toEqual([page, packed.length, true])
    expect(packed.slice(8, 40).toBase64()).toBe(id.slice(1, -1))
    const { zstdDecompressSync } = await import('node:zlib')
    const text = new TextDecoder().decode(zstdDecompressSync(packed.slice(40), { dictionary } as object))
    expect(text).toBe(await (await shop.fetch(page, { headers: { accept: 'text/html' } })).text())
  }
  const stranger = await shop.fetch('/help', { headers: { 'accept-encoding': 'zstd, dcz', 'available-dictionary': ':AAAA:' } })
  expect(stranger.headers.get('content-encoding')).toBe('zstd')
})

test('nothing is loaded from anybody else', async () => {
  for (const path of pages) {
    const html = await (await shop.fetch(path, { headers: { accept: 'text/html' } })).text()
    const loaded = [...html.matchAll(/<(?:img|script|link|source|iframe|video)[^>]*?(?:src|href)="([^"]+)"/g)].map(
      ([, address]) => address ?? '',
    )
    const strange = loaded.filter((address) => /^(https?:)?\/\//.test(address) && !address.startsWith(shop.context.config.publicUrl))
    expect([path, strange]).toEqual([path, []])
  }
})

test('every public page has one canonical address, both languages, and is told to search engines', async () => {
  const map = await (await shop.fetch('/sitemap-products-1.xml')).text()
  const { publicUrl } = shop.context.config
  expect(map.match(/<url>/g)?.length).toBeGreaterThanOrEqual(240)
  expect(map).toContain(`<loc>${publicUrl}/sw/p/lamu-tie-dress</loc>`)
  expect(await (await shop.fetch('/robots.txt')).text()).toContain(`Sitemap: ${publicUrl}/sitemap.xml`)
  for (const path of ['/p/lamu-tie-dress', '/c/women', '/']) {
    const html = await (await shop.fetch(path, { headers: { accept: 'text/html' } })).text()
    expect(html.match(/rel="canonical"/g)?.length).toBe(1)
    expect(html).toContain(`hreflang="sw" href="${publicUrl}/sw${path === '/' ? '' : path}"`)
    expect(html).toMatch(/property="og:image" content="http[^"]+\.(png|jpe?g|webp)"/)
    const data = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)?.[1]
    if (path !== '/c/women') expect(JSON.parse(data ?? 'null')).toMatchObject({ '@context': 'https://schema.org' })
  }
})

test('rules for pages ahead are kept from visitors who save data', async () => {
  const page = await shop.fetch('/p/lamu-tie-dress')
  expect(page.headers.get('speculation-rules')).toBe('"/speculation.json"')
  const rules = await shop.fetch('/speculation.json')
  expect(rules.headers.get('content-type')).toBe('application/speculationrules+json')
  expect(((await rules.json()) as { prefetch?: unknown }).prefetch).toBeDefined()
  expect(await (await shop.fetch('/speculation.json', { headers: { 'save-data': 'on' } })).json()).toEqual({})
})
