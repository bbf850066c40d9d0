import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { guest, person, type Visitor } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let owner: Visitor
let stranger: Visitor
let staff: Visitor
let helper: Visitor
beforeAll(async () => {
  shop = await openShop()
  const { sql } = shop.database
  const other = shop.context.ids.next()
  await sql`insert into vendors (id, slug, name, status) values (${other}, 'pwani', 'Pwani', 'approved')`
  owner = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'owner' } })
  helper = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: ['orders'] } })
  stranger = await person(shop, { member: { vendorId: other, role: 'owner' } })
  staff = await person(shop, { roles: ['support'] })
})
afterAll(() => shop.close())

interface Product {
  id: string
  slug: string
  status: string
  variants: { id: string; sku: string; size: string; status: string; price: { amountMinor: number }; onHand: number }[]
  pictures: { id: string; url: string; width: number; height: number; widths: number[]; alt: string; colour: string | null }[]
}
const draft = (change: Record<string, unknown> = {}) => ({
  name: 'Wrap dress Amani',
  category: 'dresses',
  keywords: 'rinda',
  attributes: { cloth: 'kitenge' },
  sizeGuide: [{ size: 'M', chest: 96 }],
  variants: [
    { sku: `AM-${crypto.randomUUID().slice(0, 8)}`, size: 'M', colour: 'Indigo', priceMinor: 245_000 },
    { sku: `AL-${crypto.randomUUID().slice(0, 8)}`, size: 'L', colour: 'Rust', priceMinor: 255_000 },
  ],
  ...change,
})
const created = async (change: Record<string, unknown> = {}): Promise<Product> => {
  const answer = await owner.post('/api/v1/vendor/products', draft(change))
  expect(answer.status).toBe(201)
  return (await answer.json()) as Product
}
const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status

describe('a vendor writes products', () => {
  test('from draft to the shelf and back, with prices that lists follow at once', async () => {
    const product = await created()
    expect(product).toMatchObject({ status: 'draft', slug: 'wrap-dress-amani' })
    expect(await statusOf(shop.fetch(`/api/v1/products/${product.slug}`))).toBe(404)
    const path = `/api/v1/vendor/products/${product.id}`
    expect(await statusOf(owner.send('PUT', `${path}/status`, { status: 'active' }))).toBe(200)
    const shown = (await (await shop.fetch(`/api/v1/products/${product.slug}`)).json()) as { attributes: unknown; sizeGuide: unknown }
    expect(shown).toMatchObject({ attributes: { cloth: 'kitenge' }, sizeGuide: [{ size: 'M', chest: 96 }] })
    const [medium] = product.variants
    const cheaper = { sku: medium?.sku, size: 'M', colour: 'Indigo', priceMinor: 199_000, compareAtMinor: 245_000 }
    const saved = (await (await owner.send('PUT', `${path}/variants`, { variants: [cheaper] })).json()) as Product
    expect(saved.variants.map(({ size, status, price }) => [size, status, price.amountMinor])).toEqual([
      ['M', 'active', 199_000],
      ['L', 'archived', 255_000],
    ])
    expect(saved.variants[0]?.id).toBe(medium?.id ?? '')
    const list = (await (await shop.fetch('/api/v1/products?sort=price&limit=1')).json()) as { items: { slug: string }[] }
    expect(list.items[0]?.slug).toBe(product.slug)
    expect(await statusOf(owner.send('PUT', `${path}/status`, { status: 'archived' }))).toBe(200)
    expect(await statusOf(shop.fetch(`/api/v1/products/${product.slug}`))).toBe(404)
    expect(await statusOf(owner.send('PATCH', path, { name: 'Wrap dress Zawadi' }))).toBe(200)
    expect((await created()).slug).not.toBe(product.slug)
  })

  test('and hears what is wrong, with nothing changed', async () => {
    const product = await created()
    const path = `/api/v1/vendor/products/${product.id}`
    const variant = { sku: 'X-1', size: 'M', colour: 'Indigo', priceMinor: 1_000 }
    const cases: [method: string, path: string, body: unknown, status: number, code: string][] = [
      ['POST', '/api/v1/vendor/products', draft({ category: 'nowhere' }), 422, 'invalid_input'],
      ['POST', '/api/v1/vendor/products', draft({ variants: [{ ...variant, priceMinor: 0 }] }), 422, 'invalid_input'],
      ['POST', '/api/v1/vendor/products', draft({ variants: [{ ...variant, priceMinor: 9.5 }] }), 422, 'invalid_input'],
      ['POST', '/api/v1/vendor/products', draft({ variants: [variant, { ...variant, sku: 'X-2' }] }), 422, 'invalid_input'],
      ['POST', '/api/v1/vendor/products', draft({ variants: [{ ...variant, compareAtMinor: 900 }] }), 422, 'invalid_input'],
      ['POST', '/api/v1/vendor/products', draft({ sizeGuide: [{ chest: 90 }] }), 422, 'invalid_input'],
      ['POST', '/api/v1/vendor/products', draft({ vendorId: 'x' }), 422, 'invalid_input'],
      ['PUT', `${path}/variants`, { variants: [{ ...variant, sku: (await created()).variants[0]?.sku }] }, 409, 'sku_taken'],
      ['PATCH', path, {}, 422, 'invalid_input'],
      ['PUT', `${path}/related`, { relatedIds: [product.id] }, 404, 'not_found'],
    ]
    for (const [method, where, body, status, code] of cases) {
      const answer = await owner.send(method, where, body)
      expect([where, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([where, status, code])
    }
    const empty = await created({ variants: [] })
    const refused = await owner.send('PUT', `/api/v1/vendor/products/${empty.id}/status`, { status: 'active' })
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([409, 'product_state'])
    expect(((await (await owner.get(path)).json()) as Product).variants).toEqual(product.variants)
  })

  test('swaps SKUs between sizes and names the things beside', async () => {
    const [product, beside] = [await created(), await created()]
    const [one, other] = product.variants
    const swapped = [
      { sku: other?.sku, size: 'M', colour: 'Indigo', priceMinor: 245_000 },
      { sku: one?.sku, size: 'L', colour: 'Rust', priceMinor: 255_000 },
    ]
    const answer = await owner.send('PUT', `/api/v1/vendor/products/${product.id}/variants`, { variants: swapped })
    expect(((await answer.json()) as Product).variants.map(({ id, sku }) => [id, sku])).toEqual([
      [one?.id ?? '', other?.sku ?? ''],
      [other?.id ?? '', one?.sku ?? ''],
    ])
    for (const { id } of [product, beside]) await owner.send('PUT', `/api/v1/vendor/products/${id}/status`, { status: 'active' })
    await owner.send('PUT', `/api/v1/vendor/products/${product.id}/related`, { relatedIds: [beside.id] })
    const related = (await (await shop.fetch(`/api/v1/products/${product.slug}/related`)).json()) as { items: { slug: string }[] }
    expect(related.items[0]?.slug).toBe(beside.slug)
  })

  test('alone: another vendor does not find them, a helper without the scope may not, staff may by naming the vendor', async () => {
    const product = await created()
    const path = `/api/v1/vendor/products/${product.id}`
    const sent: [string, string, unknown][] = [
      ['GET', path, undefined],
      ['PATCH', path, { name: 'Mine now' }],
      ['PUT', `${path}/status`, { status: 'active' }],
      ['PUT', `${path}/variants`, { variants: [] }],
      ['PUT', `${path}/pictures`, { pictures: [] }],
      ['PUT', `${path}/related`, { relatedIds: [] }],
    ]
    for (const [method, where, body] of sent) {
      expect([where, await statusOf(stranger.send(method, where, body))]).toEqual([where, 404])
      expect([where, await statusOf(guest(shop).send(method, where, body))]).toEqual([where, 401])
      if (method !== 'GET') expect([where, await statusOf(helper.send(method, where, body))]).toEqual([where, 403])
    }
    expect(await statusOf(helper.get(path))).toBe(200)
    expect(await statusOf(staff.get(path))).toBe(400)
    expect(await statusOf(staff.send('PATCH', `${path}?vendorId=${shop.catalogue.vendorId}`, { name: 'Set right by us' }))).toBe(200)
    expect(await statusOf(staff.get('/api/v1/admin/products?status=draft&q=set%20right'))).toBe(200)
    expect(await statusOf(owner.get('/api/v1/admin/products'))).toBe(403)
    const list = (await (await stranger.get('/api/v1/vendor/products')).json()) as { items: unknown[] }
    expect(list.items).toEqual([])
  })
})

describe('pictures', () => {
  const png = async (width: number, height: number): Promise<Uint8Array> =>
    await new Bun.Image(await Bun.file('public/icon-512.png').bytes()).resize(width, height, { fit: 'fill' }).png().bytes()
  const send = (id: string, bytes: Uint8Array, type = 'image/png', query = 'alt=Front') =>
    shop.fetch(`/api/v1/vendor/products/${id}/pictures?${query}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${owner.token}` },
      body: bytes.slice().buffer,
    })

  test('are kept as WebP in several widths, found again for ever, and ordered with their words', async () => {
    const product = await created()
    const jpeg = await new Bun.Image(await png(1_800, 1_200)).jpeg().bytes()
    const first = await send(product.id, jpeg, 'image/jpeg')
    expect(first.status).toBe(201)
    const form = new FormData()
    form.set('file', new File([(await png(700, 900)).slice().buffer], '../../etc/passwd.svg', { type: 'image/svg+xml' }))
    const second = await shop.fetch(`/api/v1/vendor/products/${product.id}/pictures?alt=Back&colour=Indigo`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}` },
      body: form,
    })
    expect(second.status).toBe(201)
    const { pictures } = (await second.json()) as Product
    expect(pictures.map(({ width, widths, colour }) => ({ width, widths, colour }))).toEqual([
      { width: 1_600, widths: [320, 640, 960], colour: null },
      { width: 700, widths: [320, 640], colour: 'Indigo' },
    ])
    for (const { url, widths } of pictures)
      for (const address of [url, ...widths.map((width) => url.replace(/\.webp$/, `-${width}.webp`))]) {
        const answer = await shop.fetch(address)
        expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
          200,
          'image/webp',
          'public, max-age=31536000, immutable',
        ])
        expect((await new Bun.Image(await answer.bytes()).metadata()).format).toBe('webp')
      }
    const turned = pictures.toReversed().map(({ id, colour }) => ({ id, alt: 'Said anew', colour }))
    const arranged = (await (
      await owner.send('PUT', `/api/v1/vendor/products/${product.id}/pictures`, { pictures: turned })
    ).json()) as Product
    expect(arranged.pictures.map(({ id, alt }) => [id, alt])).toEqual(turned.map(({ id }) => [id, 'Said anew']))
  })

  test('carry no place, no time and nothing else of the file', async () => {
    const product = await created()
    const jpeg = Buffer.from(await new Bun.Image(await png(400, 300)).jpeg().bytes())
    const secret = Buffer.from('Exif\0\0GPS -1.2921, 36.8219 taken at home')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(secret.length + 2)
    const tagged = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, secret, jpeg.subarray(2)])
    const answer = await send(product.id, tagged, 'image/jpeg')
    expect(answer.status).toBe(201)
    const [picture] = ((await answer.json()) as Product).pictures
    const kept = Buffer.from(await (await shop.fetch(picture?.url ?? '')).bytes())
    expect(kept.includes('GPS')).toBe(false)
    expect(kept.includes('Exif')).toBe(false)
  })

  test('that are no pictures, cut off, too large or too small are refused by their bytes, whatever they are called', async () => {
    const product = await created()
    const good = await png(400, 400)
    const jpeg = await new Bun.Image(good).jpeg().bytes()
    const bomb = Buffer.from(good)
    // A header that says 60,000 by 60,000 pixels.
    bomb.writeUInt32BE(60_000, 16)
    bomb.writeUInt32BE(60_000, 20)
    const text = (words: string) => new TextEncoder().encode(words.padEnd(200))
    const cases: [Uint8Array, string][] = [
      [text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'image/svg+xml'],
      [text('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/png'],
      [text('GIF89a'), 'image/gif'],
      [text('%PDF-1.7'), 'image/jpeg'],
      [jpeg.subarray(0, jpeg.length - Math.floor(jpeg.length / 3)), 'image/jpeg'],
      [good.subarray(0, good.length - 20), 'image/png'],
      [bomb, 'image/png'],
      [await png(150, 400), 'image/png'],
      [new Uint8Array(0), 'image/png'],
    ]
    for (const [at, [bytes, type]] of cases.entries()) expect([at, (await send(product.id, bytes, type)).status]).toEqual([at, 422])
    expect((await send(product.id, new Uint8Array(13_000_000), 'image/png')).status).toBe(413)
    expect((await send(product.id, good, 'text/html')).status).toBe(415)
    expect((await send(product.id, good, 'image/png', 'alt=Front&colour=Nowhere')).status).toBe(422)
    expect(((await (await owner.get(`/api/v1/vendor/products/${product.id}`)).json()) as Product).pictures).toEqual([])
  })
})

describe('stock', () => {
  const shelf = async (sku: string) =>
    [
      ...(await shop.database.sql`
        select w.code, s.on_hand as "onHand", s.reserved from stock_levels s join warehouses w on w.id = s.warehouse_id join variants v on v.id = s.variant_id where v.sku = ${sku} order by w.code`),
    ] as { code: string; onHand: number; reserved: number }[]

  test('is received once a delivery note, carried between warehouses without loss, and counted', async () => {
    const product = await created()
    const sku = product.variants[0]?.sku ?? ''
    const receipt = { warehouse: 'NBO', reference: 'DN-1', lines: [{ sku, quantity: 20 }] }
    const received = await Promise.all(Array.from({ length: 10 }, () => owner.post('/api/v1/vendor/stock/receipts', receipt)))
    const news = await Promise.all(received.map(async (answer) => ((await answer.json()) as { isNew?: boolean }).isNew))
    expect(news.filter((isNew) => isNew === true)).toHaveLength(1)
    expect(await shelf(sku)).toEqual([{ code: 'NBO', onHand: 20, reserved: 0 }])
    const transfer = (reference: string, quantity: number) =>
      owner.post('/api/v1/vendor/stock/transfers', { from: 'NBO', to: 'MBA', reference, lines: [{ sku, quantity }] })
    const carried = await Promise.all(Array.from({ length: 30 }, (_, index) => transfer(`TR-${index}`, 3)))
    expect(carried.filter(({ status }) => status === 200)).toHaveLength(6)
    expect(carried.filter(({ status }) => status === 409)).toHaveLength(24)
    expect(await shelf(sku)).toEqual([
      { code: 'MBA', onHand: 18, reserved: 0 },
      { code: 'NBO', onHand: 2, reserved: 0 },
    ])
    const counted = await owner.post('/api/v1/vendor/stock/counts', { warehouse: 'MBA', lines: [{ sku, counted: 17 }] })
    expect(await counted.json()).toEqual({ items: [{ sku, expected: 18, counted: 17 }] })
    const sheet = (await (await owner.get('/api/v1/vendor/stock?limit=500')).json()) as { items: { sku: string; onHand: number }[] }
    expect(sheet.items.find((row) => row.sku === sku)).toMatchObject({ onHand: 19 })
    const moves = (await (await owner.get(`/api/v1/vendor/stock/moves?sku=${sku}`)).json()) as { items: { kind: string; delta: number }[] }
    expect(moves.items.reduce((sum, { delta }) => sum + delta, 0)).toBe(19)
    expect(await statusOf(stranger.post('/api/v1/vendor/stock/receipts', receipt))).toBe(404)
    expect(await checkInvariants(shop.database.db)).toEqual([])
  })

  test('that was sold out is told once to everybody who waits, when it is back by whatever way', async () => {
    const product = await created()
    const [variant] = product.variants
    await owner.send('PUT', `/api/v1/vendor/products/${product.id}/status`, { status: 'active' })
    const wish = (body: Record<string, unknown>) => shop.post('/api/v1/stock-alerts', { variantId: variant?.id, ...body })
    expect((await wish({ phone: '0712 345 678' })).status).toBe(201)
    expect((await wish({ phone: '+254712345678' })).status).toBe(201)
    expect((await wish({ email: 'Amina@Example.co.ke' })).status).toBe(201)
    expect((await wish({})).status).toBe(422)
    expect((await wish({ phone: '123' })).status).toBe(422)
    const shopper = await person(shop)
    expect((await shopper.post('/api/v1/stock-alerts', { variantId: variant?.id })).status).toBe(201)
    await shop.context.jobs.runNow('back-in-stock')
    await shop.settle()
    expect(shop.context.sms.recent().filter(({ text }) => text.includes('is back'))).toEqual([])
    await owner.post('/api/v1/vendor/stock/receipts', {
      warehouse: 'NBO',
      reference: 'DN-back',
      lines: [{ sku: variant?.sku, quantity: 2 }],
    })
    for (let run = 0; run < 3; run++) {
      await shop.context.jobs.runNow('back-in-stock')
      await shop.settle()
    }
    const sms = shop.context.sms.recent().filter(({ text }) => text.includes('is back'))
    const mail = shop.context.mailer.recent().filter(({ subject }) => subject.includes('is back'))
    expect(sms.filter(({ to }) => to === '254712345678')).toHaveLength(1)
    expect([sms.length, mail.length]).toEqual([2, 1])
    expect(mail[0]?.to).toBe('amina@example.co.ke')
    expect(((await (await wish({ phone: '0712345678' })).json()) as { isKept: boolean }).isKept).toBe(false)
  })

  test('that runs low is told to the owner once, and again after it was filled up', async () => {
    const product = await created()
    const sku = product.variants[0]?.sku ?? ''
    const count = (counted: number) => owner.post('/api/v1/vendor/stock/counts', { warehouse: 'NBO', lines: [{ sku, counted }] })
    const letters = async () => {
      await shop.settle()
      return shop.context.mailer.recent().filter(({ text }) => text.includes(sku)).length
    }
    await count(10)
    expect(await letters()).toBe(0)
    await count(3)
    await count(2)
    await count(3)
    expect(await letters()).toBe(1)
    await count(12)
    await count(1)
    expect(await letters()).toBe(2)
    const low = (await (await owner.get('/api/v1/vendor/stock?low=true&limit=500')).json()) as { items: { sku: string; isLow: boolean }[] }
    expect(low.items.some((row) => row.sku === sku)).toBe(true)
    expect(low.items.every(({ isLow }) => isLow)).toBe(true)
  })
})
