import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { products } from '../../src/domain/catalog/product.table.ts'
import { makePerson, makeVariant, testPassword } from '../support/factories.ts'
import { expectWholePage, type FormVisitor, formVisitor, type SeenPage } from '../support/form-visitor.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(() => shop.close())

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
const address = {
  phone: '0712 345 678',
  name: 'Amina Wanjiru',
  county: 'Nairobi',
  town: 'Kilimani',
  landmark: 'Blue gate opposite the school',
}
const orders = async (): Promise<number> => Number((await shop.database.sql`select count(*)::int as n from orders`)[0]?.['n'])

/** A visitor with one piece in the bag. */
async function withBag(
  wish: Parameters<typeof makeVariant>[2] = {},
): Promise<{ visitor: FormVisitor; slug: string; variantId: string; bag: SeenPage }> {
  const { slug, variantId } = await makeVariant(shop.context, shop.catalogue, wish)
  const visitor = formVisitor(shop)
  const product = await visitor.get(`/p/${slug}`)
  return { visitor, slug, variantId, bag: await visitor.send(product.form('/cart/lines')) }
}

/** The checkout with everything filled in and the county's fee shown. */
async function filledCheckout(visitor: FormVisitor): Promise<SeenPage> {
  const empty = await visitor.get('/checkout')
  return visitor.send(empty.form('/checkout'), { ...address, do: 'price' })
}

describe('every page', () => {
  test('answers with one heading, a title, a language and an address', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    const visitor = formVisitor(shop)
    const paths = [
      '/',
      '/c/dresses',
      '/search',
      '/search?q=kanga',
      `/p/${slug}`,
      '/cart',
      '/account',
      '/help',
      '/help/delivery',
      '/help/returns',
      '/privacy',
      '/terms',
      '/sandbox',
    ]
    for (const path of paths) expectWholePage(await visitor.get(path))
  })

  test('that is the same for everybody may be kept by caches, and a private one may not', async () => {
    const { visitor, slug } = await withBag()
    for (const path of ['/', '/c/dresses', '/search', `/p/${slug}`, '/help']) {
      const page = await visitor.get(path)
      expect([path, page.headers.get('cache-control')]).toEqual([path, expect.stringContaining('public')])
      expect(page.headers.getSetCookie()).toEqual([])
    }
    for (const path of ['/cart', '/checkout', '/account', '/me/summary']) {
      expect([path, (await visitor.get(path)).headers.get('cache-control')]).toEqual([path, expect.stringContaining('private')])
    }
    const paying = await visitor.send((await filledCheckout(visitor)).form('/checkout'))
    expect(paying.path).toStartWith('/pay/')
    expect(paying.headers.get('cache-control')).toBe('private, no-store')
    expectWholePage(paying)
    const order = await visitor.get(/href="(\/orders\/[^"]+)"/.exec(paying.html)?.[1] ?? '')
    expectWholePage(order)
    expect(order.headers.get('cache-control')).toBe('private, no-store')
  })

  test('goes out packed as the browser asks, and small enough to arrive at once', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    for (const path of ['/', '/c/dresses', `/p/${slug}`, '/cart', '/account', '/help']) {
      const plain = await (await formVisitor(shop).raw(path)).text()
      for (const [asked, encoding] of [
        ['gzip, deflate, br, zstd', 'zstd'],
        ['gzip, br', 'br'],
        ['gzip', 'gzip'],
      ] as const) {
        const answer = await formVisitor(shop).raw(path, { headers: { 'accept-encoding': asked } })
        expect([path, answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual([
          path,
          encoding,
          'Accept-Encoding, Available-Dictionary',
        ])
        // One TCP first flight, the style sheet included.
        expect([path, encoding, (await answer.arrayBuffer()).byteLength < 14_000]).toEqual([path, encoding, true])
      }
      expect(plain).toStartWith('<!doctype html>')
    }
  })

  test('that is not there is a helpful 404 with the request id, and stays JSON for programs', async () => {
    for (const path of ['/p/no-such-dress', '/c/no-such-shelf', '/nowhere', '/pay/no-such-token', '/orders/RAH-ZZZZZZZZ']) {
      const page = await formVisitor(shop).get(path)
      expectWholePage(page, 404)
      expect(page.html).toContain(page.headers.get('x-request-id') ?? 'no id')
      expect(page.html).toContain('href="/help"')
    }
    const api = await formVisitor(shop).raw('/api/v1/products/no-such-dress')
    expect(api.headers.get('content-type')).toBe('application/problem+json')
    const picture = await formVisitor(shop).raw('/media/no-such.svg')
    expect(picture.status).toBe(404)
  })
})

describe('text from outside', () => {
  const expectHarmless = (html: string): void => {
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<img src=x')
  }

  test('is escaped in the name and words of a product, wherever they are shown', async () => {
    const { slug, productId } = await makeVariant(shop.context, shop.catalogue)
    await shop.context.db
      .update(products)
      .set({ name: hostile, description: hostile, sizeGuide: [{ size: hostile, [hostile]: hostile }] })
      .where(eq(products.id, productId))
    const visitor = formVisitor(shop)
    const product = await visitor.get(`/p/${slug}`)
    for (const page of [
      product,
      await visitor.get('/'),
      await visitor.get('/c/dresses'),
      await visitor.send(product.form('/cart/lines')),
      await visitor.get('/checkout'),
    ]) {
      expect(page.status).toBe(200)
      expectHarmless(page.html)
    }
    const jsonLd = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(product.html)?.[1] ?? ''
    expect((JSON.parse(jsonLd) as { name: string }).name).toBe(hostile)
  })

  test('is escaped in searches, filters, addresses and every field of a form', async () => {
    const { visitor } = await withBag()
    const asked = encodeURIComponent(hostile)
    for (const path of [
      `/search?q=${asked}&size=${asked}&colour=${asked}&max=${asked}&sort=${asked}&after=${asked}`,
      `/c/dresses?size=${asked}`,
      `/cart?added=${asked}&removed=${asked}`,
      `/account?next=${asked}`,
    ]) {
      const page = await visitor.get(path)
      expect([path, page.status]).toEqual([path, 200])
      expectHarmless(page.html)
    }
    const checkout = await visitor.get('/checkout')
    const fields = Object.fromEntries(
      ['phone', 'name', 'email', 'county', 'town', 'landmark', 'method', 'payPhone', 'key', 'total'].map((name) => [name, hostile]),
    )
    const wrong = await visitor.send(checkout.form('/checkout'), fields)
    expect(wrong.status).toBe(422)
    expectHarmless(wrong.html)
    const signIn = await visitor.send((await visitor.get('/account')).form('/account/sign-in'), { login: hostile, password: hostile })
    expect(signIn.status).toBe(401)
    expectHarmless(signIn.html)
  })

  test('cannot send a visitor to another site after signing in', async () => {
    const { email } = await makePerson(shop.context)
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/%0d%0aset-cookie:x=1']) {
      const visitor = formVisitor(shop)
      const page = await visitor.get(`/account?next=${encodeURIComponent(next)}`)
      const form = page.form('/account/sign-in')
      const answer = await visitor.raw(form.action, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...form.fields, next, login: email, password: testPassword }).toString(),
      })
      expect(answer.status).toBe(303)
      expect(new URL(answer.headers.get('location') ?? '', 'https://shop.example').host).toBe('shop.example')
      expect(answer.headers.getSetCookie().every((cookie) => !cookie.startsWith('x='))).toBe(true)
    }
  })
})

describe('a product page', () => {
  test('asks for the size where it is missing, and says what is sold out', async () => {
    const { slug, productId } = await makeVariant(shop.context, shop.catalogue, { stock: 2 })
    await shop.database
      .sql`insert into variants (id, product_id, sku, size, colour, price_minor) values (gen_random_uuid(), ${productId}, ${`${slug}-l`}, 'L', 'Indigo', 150000)`
    const visitor = formVisitor(shop)
    const page = await visitor.get(`/p/${slug}`)
    expect(page.html).toContain('2 left')
    expect(page.html).toContain('Sold out')
    const asked = await visitor.send(page.form('/cart/lines'))
    expect(asked.status).toBe(422)
    expect(asked.html).toContain('<a href="#f-size">Choose a size</a>')
    expect(asked.html).toContain('<title>Error: ')
    const gone = await visitor.send(page.form('/cart/lines'), { size: 'L' })
    expect(gone.status).toBe(409)
    expect(gone.html).toContain('L, Indigo: This is sold out.')
    expect((await visitor.send(page.form('/cart/lines'), { size: 'M' })).path).toStartWith('/cart?added=')
  })

  test('opens with the size and colour its address names', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    const page = await formVisitor(shop).get(`/p/${slug}?colour=Indigo&size=M`)
    expect(page.form('/cart/lines').fields).toMatchObject({ slug, colour: 'Indigo', size: 'M' })
  })
})

describe('a list', () => {
  test('narrows by size and colour, keeps the conditions in its address, and offers each away again', async () => {
    const page = await formVisitor(shop).get('/c/dresses?size=M&colour=Indigo&max=2000&stock=yes&sort=price')
    expectWholePage(page)
    expect(page.html).toContain('Size M')
    expect(page.html).toContain('href="/c/dresses?colour=Indigo&amp;max=2000&amp;stock=yes&amp;sort=price"')
    const none = await formVisitor(shop).get('/c/dresses?size=none')
    expectWholePage(none)
    expect(none.html).toContain('Nothing fits all of that')
    expect(none.html).toContain('New in the shop')
  })

  test('shows more from where it ended, without showing anything twice', async () => {
    for (let made = 0; made < 26; made++) await makeVariant(shop.context, shop.catalogue)
    const slugs = (page: SeenPage): string[] => [...page.html.matchAll(/<h2><a href="(\/p\/[^"]+)"/g)].map(([, href]) => href ?? '')
    const visitor = formVisitor(shop)
    const first = await visitor.get('/c/dresses')
    const more = /rel="next" href="([^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = await visitor.get(more)
    expect(slugs(first).length).toBe(24)
    expect(slugs(second).length).toBeGreaterThan(0)
    expect(slugs(second).filter((slug) => slugs(first).includes(slug))).toEqual([])
  })
})

describe('what is saved for later', () => {
  test('is kept by a cookie of this browser, shown with its price of today, and taken off again, by forms alone', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    const visitor = formVisitor(shop)
    expect((await visitor.get('/saved')).html).toContain('Nothing saved yet')
    const saved = await visitor.send((await visitor.get(`/p/${slug}`)).form('/saved'))
    expectWholePage(saved)
    expect(saved.html).toContain(`href="/p/${slug}"`)
    const again = await visitor.send((await visitor.get(`/p/${slug}`)).form('/saved'))
    expect(again.html.split(`href="/p/${slug}"`).length).toBe(2)
    expect((await visitor.send(saved.form('/saved'), { do: 'take' })).html).toContain('Nothing saved yet')
    expect((await formVisitor(shop).raw('/saved', { headers: { cookie: 'saved=not-a-list.%%%' } })).status).toBe(200)
  })

  test('holds eleven pieces, the newest ones', async () => {
    const visitor = formVisitor(shop)
    const slugs: string[] = []
    for (let count = 0; count < 12; count++) {
      const { slug } = await makeVariant(shop.context, shop.catalogue)
      slugs.push(slug)
      await visitor.send((await visitor.get(`/p/${slug}`)).form('/saved'))
    }
    const { html } = await visitor.get('/saved')
    expect(slugs.filter((slug) => html.includes(`href="/p/${slug}"`))).toEqual(slugs.slice(1))
  })
})

describe('the bag', () => {
  test('changes, takes out and puts back by forms alone', async () => {
    const { visitor, bag } = await withBag({ stock: 3, priceMinor: 150_000n })
    expect(bag.html).toContain('In your bag')
    const line = bag.form(/^\/cart\/lines\//)
    expect((await visitor.send(line, { do: 'change', quantity: '2' })).html).toContain('KSh\u00a03,000')
    const tooMany = await visitor.send(line, { do: 'change', quantity: '9' })
    expect(tooMany.status).toBe(409)
    expect(tooMany.html).toContain('Only 3 left.')
    expect((await visitor.send(line, { do: 'later' })).html).toContain('Kept for later')
    await visitor.send(line, { do: 'now' })
    const out = await visitor.send(line, { do: 'remove' })
    expect(out.html).toContain('There is nothing in it yet')
    const back = await visitor.send(out.form('/cart/lines'))
    expect(back.form(/^\/cart\/lines\//).fields['quantity']).toBe('2')
    expect(await (await visitor.raw('/me/summary')).json()).toEqual({ bag: 2 })
  })

  test('comes along when the visitor signs in', async () => {
    const { visitor } = await withBag()
    const { email } = await makePerson(shop.context)
    const page = await visitor.send((await visitor.get('/account')).form('/account/sign-in'), { login: email, password: testPassword })
    expect(page.path).toBe('/cart?merged=1')
    expect(page.html).toContain('One piece from this phone came into your bag')
    expect((await visitor.send((await visitor.get('/account')).form('/account/sign-out'))).path).toBe('/')
    expect((await visitor.get('/cart')).html).toContain('There is nothing in it yet')
  })
})

describe('the checkout', () => {
  test('keeps everything that was typed when something is wrong, and says it at the top and beside the field', async () => {
    const { visitor } = await withBag()
    const checkout = await visitor.get('/checkout')
    const before = await orders()
    const wrong = await visitor.send(checkout.form('/checkout'), { ...address, phone: '12', landmark: '', email: 'not an address' })
    expect(wrong.status).toBe(422)
    expect(wrong.form('/checkout').fields).toMatchObject({
      ...address,
      phone: '12',
      landmark: '',
      email: 'not an address',
      key: checkout.form('/checkout').fields['key'] ?? '',
    })
    expect(wrong.html).toContain('<a href="#f-phone">Write a Kenyan mobile number, such as 0712 345 678</a>')
    expect(wrong.html).toContain('<title>Error: Check out | Rahim</title>')
    expect(await orders()).toBe(before)
  })

  test('places no order before the total with the county’s fee was shown', async () => {
    const { visitor } = await withBag({ priceMinor: 150_000n })
    const before = await orders()
    const hasty = await visitor.send((await visitor.get('/checkout')).form('/checkout'), address)
    expect(hasty.status).toBe(409)
    expect(hasty.html).toContain('Delivered to Nairobi it costs KSh\u00a01,700. Nothing is ordered yet')
    expect(hasty.html).toContain('Pay KSh\u00a01,700')
    expect(await orders()).toBe(before)
    const paying = await visitor.send(hasty.form('/checkout'))
    expect(paying.path).toStartWith('/pay/')
    expect(await orders()).toBe(before + 1)
  })

  test('tells a changed price and waits for a yes', async () => {
    const { visitor, variantId } = await withBag({ priceMinor: 150_000n })
    const ready = await filledCheckout(visitor)
    await shop.database.sql`update variants set price_minor = 160000 where id = ${variantId}`
    const told = await visitor.send(ready.form('/checkout'))
    expect(told.status).toBe(409)
    expect(told.html).toContain('The total has changed from KSh\u00a01,700 to KSh\u00a01,800')
    expect(told.form('/checkout').fields).toMatchObject(address)
    expect((await visitor.send(told.form('/checkout'))).path).toStartWith('/pay/')
  })

  test('makes one order of a form sent twice, at once or later', async () => {
    const { visitor } = await withBag()
    const ready = (await filledCheckout(visitor)).form('/checkout')
    const before = await orders()
    const [first, twin] = await Promise.all([visitor.send(ready), visitor.send(ready)])
    const later = await visitor.send(ready)
    expect(new Set([first?.path, twin?.path, later.path]).size).toBe(1)
    expect(first?.path).toStartWith('/pay/')
    // The back button, another landmark, the same form: the order that was placed is shown, not a second one made.
    expect((await visitor.send(ready, { landmark: 'Another gate' })).path).toBe(first?.path ?? '')
    expect(await orders()).toBe(before + 1)
    const bag = await visitor.get('/cart')
    expect(bag.html).toContain('came out of this bag')
  })

  test('says which piece has gone when somebody else was faster', async () => {
    const { visitor } = await withBag({ stock: 1 })
    const ready = await filledCheckout(visitor)
    await shop.database.sql`update stock_levels set reserved = on_hand where variant_id in (select variant_id from cart_lines)`
    const gone = await visitor.send(ready.form('/checkout'))
    expect(gone.status).toBe(409)
    expect(gone.html).toContain('Not enough left of')
    expect((await visitor.get('/checkout')).html).toContain('Sold out since you chose it')
  })

  test('refuses a form another site sends', async () => {
    const { visitor } = await withBag()
    const answer = await visitor.raw('/checkout', {
      method: 'POST',
      body: 'do=pay',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
    })
    expect(answer.status).toBe(403)
  })
})

describe('the order', () => {
  test('is open to its link and to nobody else: a phone that is passed on shows nobody its last order', async () => {
    const { visitor } = await withBag()
    const paying = await visitor.send((await filledCheckout(visitor)).form('/checkout'))
    const href = /href="(\/orders\/[^"]+)"/.exec(paying.html)?.[1] ?? ''
    const [path = ''] = href.split('?')
    expectWholePage(await visitor.get(path), 404)
    expectWholePage(await formVisitor(shop).get(href))
    expectWholePage(await formVisitor(shop).get(path), 404)
    expectWholePage(await formVisitor(shop).get(`${path}?token=made-up-token-of-some-length`), 404)
    expect(paying.headers.get('referrer-policy')).toBe('same-origin')
  })
})

describe('paying by forms', () => {
  /** What a person does with the request on a phone, and everything that follows. */
  async function press(phone: string, action: string, pin = ''): Promise<void> {
    await shop.settle()
    const { items } = (await (await shop.fetch(`/sandbox/mpesa/prompts?phone=${phone}`)).json()) as {
      items: { id: string; state: string }[]
    }
    const prompt = items.find(({ state }) => state === 'waiting')
    expect(prompt).toBeDefined()
    await shop.fetch(`/sandbox/mpesa/prompts/${prompt?.id}/${action}`, {
      method: 'POST',
      body: new URLSearchParams({ pin }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await shop.settle()
  }

  test('starts again with another number after a cancelled request, and shows the receipt', async () => {
    const { visitor } = await withBag()
    const paying = await visitor.send((await filledCheckout(visitor)).form('/checkout'), { phone: '0711330601' })
    await press('0711330601', 'cancel')
    const told = await visitor.get(paying.path)
    expect(told.html).toContain('You cancelled the request')
    const wrong = await visitor.send(told.form(paying.path), { phone: '12 34' })
    expect(wrong.status).toBe(422)
    expect(wrong.form(paying.path).fields['phone']).toBe('12 34')
    const [again, twin] = await Promise.all([
      visitor.send(told.form(paying.path), { phone: '0711330602' }),
      visitor.send(told.form(paying.path), { phone: '0711330602' }),
    ])
    expect([again?.status, twin?.status]).toEqual([200, 200])
    const state = async () => (await (await visitor.raw(`${paying.path}?state`)).json()) as { key: string; leftS: number | null }
    const before = await state()
    await press('0711330602', 'pin', '1234')
    expect((await state()).key).not.toBe(before.key)
    const paid = await visitor.get(paying.path)
    expect(paid.html).toContain('Paid. Thank you')
    expect(paid.html).toMatch(/Receipt [A-Z0-9]{10}\./)
    expect(paid.html).not.toContain('http-equiv="refresh"')
    expect(
      Number(
        (
          await shop.database
            .sql`select count(*)::int as n from transactions where state = 'succeeded' and phone in ('254711330601', '254711330602')`
        )[0]?.['n'],
      ),
    ).toBe(1)
  })

  test('looks again by itself only while something may still happen', async () => {
    const { visitor } = await withBag()
    const paying = await visitor.send((await filledCheckout(visitor)).form('/checkout'), { phone: '0711330603' })
    expect(paying.html).toContain('<noscript><meta http-equiv="refresh" content="5"/></noscript>')
    await press('0711330603', 'cancel')
    expect((await visitor.get(paying.path)).html).not.toContain('http-equiv="refresh"')
  })

  test('gives the clothes back to the bag when the order is cancelled', async () => {
    const { visitor } = await withBag()
    const paying = await visitor.send((await filledCheckout(visitor)).form('/checkout'), { phone: '0711330604' })
    await press('0711330604', 'cancel')
    const told = await visitor.get(paying.path)
    const over = await visitor.send(told.form(`${paying.path}/cancel`))
    expect(over.html).toContain('This order was cancelled')
    const bag = await visitor.send(over.form(`${paying.path}/refill`))
    expect(bag.path).toBe('/cart')
    expect(bag.form(/^\/cart\/lines\//).fields['quantity']).toBe('1')
  })
})
