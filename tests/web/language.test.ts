import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { trafficOf } from '../../src/platform/http/traffic.table.ts'
import { makeVariant } from '../support/factories.ts'
import { formVisitor } from '../support/form-visitor.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(() => shop.close())

const langOf = (html: string): string => /<html lang="(\w+)"/.exec(html)?.[1] ?? ''

describe('the language of a page', () => {
  test('of the window is named by its address alone, so that caches hold one of each', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    for (const path of ['/', `/p/${slug}`, '/c/dresses', '/help']) {
      const headers = { accept: 'text/html', 'accept-language': 'sw-KE,sw;q=0.9', cookie: 'lang=sw' }
      const english = await shop.fetch(path, { headers })
      expect([path, langOf(await english.text())]).toEqual([path, 'en'])
      expect(english.headers.get('vary')).not.toMatch(/cookie|accept-language/i)
      const swahili = await shop.fetch(path === '/' ? '/sw' : `/sw${path}`, { headers: { accept: 'text/html', 'accept-language': 'en' } })
      expect([path, langOf(await swahili.text())]).toEqual([path, 'sw'])
    }
  })

  test('of one visitor follows the address, then the choice, then the browser', async () => {
    const see = async (path: string, headers: Record<string, string>) =>
      langOf(await (await shop.fetch(path, { headers: { accept: 'text/html', ...headers } })).text())
    expect(await see('/cart', {})).toBe('en')
    expect(await see('/cart', { 'accept-language': 'sw, en;q=0.5' })).toBe('sw')
    expect(await see('/cart', { 'accept-language': 'sw', cookie: 'lang=en' })).toBe('en')
    expect(await see('/sw/cart', { 'accept-language': 'en', cookie: 'lang=en' })).toBe('sw')
    expect(await see('/cart', { 'accept-language': 'fr, de;q=0.9' })).toBe('en')
  })

  test('is changed by a link that leads to the same page and remembers', async () => {
    const answer = await shop.fetch('/language/sw?next=/cart')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sw/cart'])
    expect(answer.headers.get('set-cookie')).toStartWith('lang=sw;')
    const away = await shop.fetch('/language/en?next=https://elsewhere.example/')
    expect(away.headers.get('location')).toBe('/')
  })

  test('stays through a whole purchase by forms', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    const visitor = formVisitor(shop)
    const bag = await visitor.send((await visitor.get(`/sw/p/${slug}`)).form('/sw/cart/lines'))
    expect(bag.path).toStartWith('/sw/cart')
    const checkout = await visitor.get('/sw/checkout')
    const wrong = await visitor.send(checkout.form('/sw/checkout'), { do: 'pay' })
    expect([wrong.status, langOf(wrong.html)]).toEqual([422, 'sw'])
    expect(wrong.html).toContain('Kuna tatizo')
    const fields = { phone: '0711500001', name: 'Amina', county: 'Nairobi', town: 'Kilimani', landmark: 'Geti la bluu' }
    const priced = await visitor.send(checkout.form('/sw/checkout'), { ...fields, do: 'price' })
    const paying = await visitor.send(priced.form('/sw/checkout'), { do: 'pay' })
    expect(paying.path).toStartWith('/sw/pay/')
    expect(langOf(paying.html)).toBe('sw')
    // Nothing leads out of the language but the link that says so.
    const links = [...paying.html.matchAll(/(?:href|action)="(\/[^"]*)"/g)].map(([, href]) => href ?? '')
    expect(links.filter((href) => !/^\/(sw(\/|$)|assets\/|media\/|language\/|sandbox|favicon|manifest)/.test(href))).toEqual([])
  })

  test('changes nothing about how often somebody may ask', () => {
    for (const path of ['/checkout', '/pay/token', '/account/sign-in', '/account/register', '/account/forgot', '/cart', '/search', '/'])
      for (const method of ['GET', 'POST']) expect([path, trafficOf(method, `/sw${path}`)]).toEqual([path, trafficOf(method, path)])
  })
})
