import { beforeAll, expect, test } from 'bun:test'
import { renderToString } from 'preact-render-to-string'
import { asset, inlineCss, loadAssets, serveAsset } from '../../src/web/assets.ts'
import { inLanguage } from '../../src/web/i18n/words.ts'
import { renderPage } from '../../src/web/layout.tsx'
import { pageResponse } from '../../src/web/page-response.ts'
import { ErrorSummary } from '../../src/web/parts/error-summary.tsx'
import { TextField } from '../../src/web/parts/form-field.tsx'
import { OrderLines } from '../../src/web/parts/order-lines.tsx'
import { Price } from '../../src/web/parts/price.tsx'
import { ProductGrid } from '../../src/web/parts/product-card.tsx'

const site = { publicUrl: 'https://shop.example' }
const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
const get = (path: string, headers: Record<string, string> = {}) => new Request(`https://shop.example${path}`, { headers })

beforeAll(() => loadAssets({ isProduction: false }))

test('the style sheet is small enough to be inlined, and the policy holds its hash', () => {
  const { text, hash } = inlineCss()
  expect(text.length).toBeLessThanOrEqual(20_000)
  expect(hash).toBe(`'sha256-${new Bun.CryptoHasher('sha256').update(text).digest('base64')}'`)
  const html = renderPage(site, { title: 'Women', path: '/c/women', body: <h1>Women</h1> })
  expect(html).toContain(`<style>${text}</style>`)
  expect(pageResponse(get('/'), html).headers.get('content-security-policy')).toContain(hash)
})

test('a page has one title, one canonical address, a language and a way past the header', () => {
  const html = inLanguage('sw', () => renderPage(site, { title: 'Women', path: '/c/women', body: <h1>Wanawake</h1> }))
  expect(html).toStartWith('<!doctype html><html lang="sw">')
  expect(html).toContain('<title>Women | Rahim</title>')
  expect(html).toContain('<link rel="canonical" href="https://shop.example/sw/c/women"/>')
  expect(html).toContain('hreflang="en" href="https://shop.example/c/women"')
  expect(html).toContain('href="#page"')
})

test('no page carries an inline script, a style attribute or an address of another site', () => {
  const html = renderPage(site, { title: 'Home', path: '/', body: <ProductGrid products={[]} />, jsonLd: { name: hostile } })
  expect(html).not.toMatch(/ style="/)
  expect(html).not.toMatch(/ on[a-z]+="/)
  expect(html).not.toMatch(/(src|href|action)="(https?:)?\/\/(?!shop\.example)/)
  const scripts = [...html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)]
  for (const [, attributes = '', text = ''] of scripts) {
    if (attributes.includes('ld+json')) expect(JSON.parse(text)).toEqual({ name: hostile })
    else expect([attributes.includes('src="/assets/'), text]).toEqual([true, ''])
  }
})

test('text from vendors and visitors stays text in every slot', () => {
  const line = { id: '1', name: hostile, colour: hostile, size: hostile, quantity: 1, unitMinor: 1n, totalMinor: 1n, note: hostile }
  const card = {
    slug: 'x',
    name: hostile,
    priceMinor: 100n,
    colours: [
      { name: hostile, hex: hostile },
      { name: 'b', hex: '#fff' },
    ],
    sizesLeft: [hostile],
  }
  const html = renderPage(site, {
    title: hostile,
    path: `/search?q=${encodeURIComponent(hostile)}`,
    description: hostile,
    query: hostile,
    saying: hostile,
    shelves: [{ slug: 'x', name: hostile }],
    body: (
      <>
        <ProductGrid products={[card]} />
        <OrderLines lines={[line]} />
        <ErrorSummary errors={{ a: hostile }} />
        <TextField name="a" label={hostile} hint={hostile} error={hostile} value={hostile} />
      </>
    ),
  })
  expect(html).not.toContain('<script>alert')
  expect(html).not.toContain('<img src=x')
})

test('an error is linked from the summary to the field, in the same words, and what was typed is kept', () => {
  const html = renderToString(
    <>
      <ErrorSummary errors={{ phone: 'Write a phone number' }} />
      <TextField name="phone" label="Phone" error="Write a phone number" value="07" />
    </>,
  )
  expect(html).toContain('<a href="#f-phone">Write a phone number</a>')
  expect(html).toMatch(/<input[^>]*value="07"[^>]*id="f-phone"[^>]*aria-invalid="true" aria-describedby="f-phone-error"/)
})

test('a reduced price says so in words, and a price never breaks between KSh and the number', () => {
  expect(renderToString(<Price minor={145000n} compareAtMinor={180000n} />)).toBe(
    '<span class="price sale">KSh\u00a01,450<s><span class="hush">Before </span>KSh\u00a01,800</s></span>',
  )
})

test('assets go out compressed as the browser asks, for ever, and not at all when it has them', () => {
  const path = asset('app.css')
  const coding = (accept: string) => serveAsset(get(path, { 'accept-encoding': accept }))?.headers.get('content-encoding')
  expect(coding('gzip, deflate, br, zstd')).toBe('zstd')
  expect(coding('gzip, br;q=0.9')).toBe('br')
  expect(coding('br;q=0, gzip')).toBe('gzip')
  expect(coding('identity')).toBeNull()

  const answer = serveAsset(get(path, { 'accept-encoding': 'br' }))!
  expect(answer.headers.get('cache-control')).toContain('immutable')
  expect(answer.headers.get('vary')).toBe('Accept-Encoding')
  expect(serveAsset(get(path, { 'accept-encoding': 'br', 'if-none-match': answer.headers.get('etag')! }))?.status).toBe(304)
  expect(serveAsset(get('/assets/manifest.json'))).toBeUndefined()
  expect(() => asset('shopp.js')).toThrow('no asset called shopp.js')
})

test('a shared page is answered with 304 when nothing changed', () => {
  const first = pageResponse(get('/'), '<p>', { keep: 'shared' })
  const etag = first.headers.get('etag')!
  expect(pageResponse(get('/', { 'if-none-match': etag }), '<p>', { keep: 'shared' }).status).toBe(304)
  expect(pageResponse(get('/', { 'if-none-match': etag }), '<b>', { keep: 'shared' }).status).toBe(200)
})
