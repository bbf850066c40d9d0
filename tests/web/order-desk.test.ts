import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { person } from '../support/actors.ts'
import { fakeClock, tomorrow } from '../support/fake-clock.ts'
import { makeVariant } from '../support/factories.ts'
import { expectWholePage, formVisitor } from '../support/form-visitor.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { buyAndPay, deliver, pack, place, press } from '../support/shopper.ts'

let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop({ overrides: { clock: fakeClock(tomorrow()) } })
  people = await crew(shop)
  const admin = await person(shop, { roles: ['admin'] })
  await admin.post('/api/v1/admin/promotions', { code: 'KARIBU10', kind: 'percent', percent: 10 })
})
afterAll(() => shop.close())

describe('a promo code', () => {
  test('is put into the bag and taken out by forms, says what it does, and counts in the total', async () => {
    const { slug } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 200_000n })
    const visitor = formVisitor(shop)
    const bag = await visitor.send((await visitor.get(`/p/${slug}`)).form('/cart/lines'))
    const refused = await visitor.send(bag.form('/cart/promo'), { code: 'NO SUCH' })
    expect(refused.status).toBe(409)
    expect(refused.html).toContain('We do not know this code. Check the spelling.')
    const used = await visitor.send(bag.form('/cart/promo'), { code: ' karibu10 ' })
    expectWholePage(used)
    expect(used.html).toContain('Code KARIBU10')
    expect(used.html).toContain('KSh\u00a0200')
    const priced = await visitor.send((await visitor.get('/checkout')).form('/checkout'), { county: 'Nairobi', do: 'price' })
    expect(priced.html).toContain('Code KARIBU10')
    expect(priced.form('/checkout').fields['total']).toBe('200000')
    const dropped = await visitor.send((await visitor.get('/cart')).form('/cart/promo'), { do: 'drop' })
    expect(dropped.html).not.toContain('Code KARIBU10')
  })
})

describe('an order that is not paid', () => {
  test('is changed by a form, which asks when the fee changes with the county', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const placed = await place(shop, { lines: [{ variantId }], body: { payment: { method: 'cod' } } })
    const visitor = formVisitor(shop)
    const address = `/orders/${placed.number}/edit`
    const page = await visitor.get(`${address}?token=${placed.token}`)
    expectWholePage(page)
    const wrong = await visitor.send(page.form(address), { town: '' })
    expect(wrong.status).toBe(422)
    const moved = await visitor.send(page.form(address), { county: 'Mombasa', town: 'Nyali' })
    expect([200, 409]).toContain(moved.status)
    expect((await visitor.get(`/orders/${placed.number}?token=${placed.token}`)).status).toBe(200)
    expect((await formVisitor(shop).get(address)).status).toBe(404)
  })

  test('is called off from its own page, and its clothes go back into the bag', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const placed = await place(shop, { lines: [{ variantId }] })
    await press(shop, placed, 'cancel')
    const visitor = formVisitor(shop)
    const order = await visitor.get(`/orders/${placed.number}?token=${placed.token}`)
    expect(order.html).toContain('Cancel this order')
    const cancelled = await visitor.send(order.form(/\/cancel$/))
    expect(cancelled.html).toContain('This order was cancelled')
    const bag = await visitor.send(cancelled.form(/\/refill$/))
    expect(bag.html).toContain('Check out')
  })
})

describe('a delivered order', () => {
  test('is reviewed by whoever has its link, once a piece; others see it when staff has looked, with the fit votes added up', async () => {
    const { variantId, slug } = await makeVariant(shop.context, shop.catalogue)
    const placed = await buyAndPay(shop, { lines: [{ variantId }] })
    for (const { id } of await pack(shop, people.staff, placed)) await deliver(shop, people.rider, id)
    const visitor = formVisitor(shop)
    const order = await visitor.get(`/orders/${placed.number}?token=${placed.token}`)
    const form = order.form(/\/reviews\//)
    const line = form.action.split('/').at(-1) ?? ''
    const thanked = await visitor.send(form, { [`stars-${line}`]: '4', [`fit-${line}`]: 'small', [`body-${line}`]: 'Nzuri <b>sana</b>' })
    expect(thanked.html).toContain('We look at it before others see it')
    expect((await visitor.send(form)).status).toBe(409)
    expect((await visitor.get(`/p/${slug}`)).html).not.toContain('What buyers say')
    await shop.context.db.execute(sql`update reviews set state = 'published', moderated_by = 'test', moderated_at = now()`)
    const { html } = await visitor.get(`/p/${slug}`)
    expect(html).toContain('4.0 of 5 stars, from 1 who bought it')
    expect(html).toContain('100 % say cut small')
    expect(html).toContain('Nzuri &lt;b>sana&lt;/b>')
    expect(html).toContain('"aggregateRating":{"@type":"AggregateRating","ratingValue":"4.0","reviewCount":1}')
  })

  test('is sent back line by line with a reason, once, by its link alone', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const placed = await buyAndPay(shop, { lines: [{ variantId, quantity: 2 }] })
    for (const { id } of await pack(shop, people.staff, placed)) await deliver(shop, people.rider, id)
    const visitor = formVisitor(shop)
    const order = await visitor.get(`/orders/${placed.number}?token=${placed.token}`)
    expect(order.html).toContain('Send something back')
    const address = `/orders/${placed.number}/return`
    const page = await visitor.get(`${address}?token=${placed.token}`)
    expectWholePage(page)
    const [line] = (await placed.see()).lines
    const none = await visitor.send(page.form(address))
    expect(none.status).toBe(422)
    expect(none.html).toContain('Choose at least one piece')
    const asked = await visitor.send(page.form(address), {
      [`quantity-${line?.id}`]: '2',
      [`reason-${line?.id}`]: 'too_small',
      comment: 'Tight',
    })
    expectWholePage(asked)
    expect(asked.html).toMatch(/We have your request [A-Z0-9-]+\./)
    expect(asked.html).toContain('Asked for, we look at it')
    const again = await visitor.send(page.form(address), { [`quantity-${line?.id}`]: '1' })
    expect(again.status).toBeGreaterThanOrEqual(400)
    expect((await formVisitor(shop).get(`${address}?token=another-token-of-some-length`)).status).toBe(404)
  })
})
