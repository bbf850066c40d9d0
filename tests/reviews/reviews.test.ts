import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { buyAndPay, deliver, pack, type Placed } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  people = await crew(shop)
})
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

interface Answer {
  readonly id: string
  readonly code?: string
  readonly rating: unknown
  readonly items: readonly { readonly author: string; readonly body: string }[]
}
const read = async (answer: Response) => ({ status: answer.status, body: (await answer.json()) as Answer })
const bring = async (order: Placed) => {
  for (const { id } of await pack(shop, people.staff, order)) await deliver(shop, people.rider, id)
}
const review = async (order: Placed, wish: Record<string, unknown>, visitor = order.visitor, token = order.token) => {
  const [line] = (await order.see()).lines
  return await read(await visitor.post(`/api/v1/orders/${order.number}/lines/${line?.id ?? ''}/review?token=${token}`, wish))
}
const shown = async (slug: string) => (await read(await shop.fetch(`/api/v1/products/${slug}/reviews`))).body
const onProduct = async (slug: string) => (await read(await shop.fetch(`/api/v1/products/${slug}`))).body.rating

describe('a review', () => {
  test('is written by a buyer after the delivery, once a line, and shown once staff publish it', async () => {
    const { variantId, slug } = await makeVariant(shop.context, shop.catalogue)
    const order = await buyAndPay(shop, { lines: [{ variantId }] })
    expect(await review(order, { stars: 5 })).toMatchObject({ status: 409, body: { code: 'review_early' } })
    await bring(order)
    expect((await review(order, { stars: 6 })).status).toBe(422)
    const written = await review(order, { stars: 4, fit: 'small', body: 'Soft cotton.' })
    expect(written.status).toBe(201)
    expect(await review(order, { stars: 1 })).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await shown(slug)).toMatchObject({ rating: { average: null, count: 0 }, items: [] })
    expect(await onProduct(slug)).toBeNull()

    expect((await people.staff.post(`/api/v1/admin/reviews/${written.body.id}/publish`, {})).status).toBe(200)
    expect(await shown(slug)).toMatchObject({
      rating: { average: 4, count: 1, fit: { small: 1, true: 0, large: 0 } },
      items: [{ author: 'Amina', body: 'Soft cotton.' }],
    })
    expect(await onProduct(slug)).toEqual({ average: 4, count: 1, fit: { small: 1, true: 0, large: 0 } })
    expect((await people.staff.post(`/api/v1/admin/reviews/${written.body.id}/reject`, { note: 'spam' })).status).toBe(200)
    expect(await onProduct(slug)).toBeNull()
  })

  test('of somebody who did not buy is nobody’s', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const order = await buyAndPay(shop, { lines: [{ variantId }] })
    await bring(order)
    expect((await review(order, { stars: 1 }, await person(shop), 'no-token')).status).toBe(404)
    expect((await people.vendor.post('/api/v1/admin/reviews/x/publish', {})).status).toBe(403)
  })

  test('sent fifty times at once is one, and the stars are the average', async () => {
    const { variantId, slug } = await makeVariant(shop.context, shop.catalogue, { stock: 5 })
    const orders = await Promise.all([5, 2].map(async (stars) => ({ stars, order: await buyAndPay(shop, { lines: [{ variantId }] }) })))
    for (const { stars, order } of orders) {
      await bring(order)
      const answers = await Promise.all(Array.from({ length: 50 }, () => review(order, { stars, fit: 'true' })))
      const made = answers.filter(({ status }) => status === 201)
      expect(made).toHaveLength(1)
      await people.staff.post(`/api/v1/admin/reviews/${made[0]?.body.id ?? ''}/publish`, {})
    }
    expect(await onProduct(slug)).toEqual({ average: 3.5, count: 2, fit: { small: 0, true: 2, large: 0 } })
  })
})

test('a wishlist remembers a product once, for its account alone, and forgets it', async () => {
  const [one, two] = [await makeVariant(shop.context, shop.catalogue), await makeVariant(shop.context, shop.catalogue)]
  const [visitor, other] = [await person(shop), await person(shop)]
  const slugs = async (who = visitor) =>
    ((await (await who.get('/api/v1/me/wishlist')).json()) as { items: { slug: string }[] }).items.map(({ slug }) => slug)
  for (const { productId } of [one, two, one]) expect((await visitor.send('PUT', `/api/v1/me/wishlist/${productId}`)).status).toBe(204)
  expect((await slugs()).sort()).toEqual([one.slug, two.slug].sort())
  expect(await slugs(other)).toEqual([])
  expect((await visitor.send('DELETE', `/api/v1/me/wishlist/${one.productId}`)).status).toBe(204)
  expect(await slugs()).toEqual([two.slug])
  expect((await visitor.send('PUT', `/api/v1/me/wishlist/${crypto.randomUUID()}`)).status).toBe(404)
  expect((await shop.fetch('/api/v1/me/wishlist')).status).toBe(401)
})
