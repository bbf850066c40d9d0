import { afterAll, beforeAll, expect, test } from 'bun:test'
import { guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let staff: Visitor
beforeAll(async () => {
  shop = await openShop()
  staff = await person(shop, { roles: ['admin'] })
})
afterAll(() => shop.close())

const terms = { name: 'Near', feeMinor: 15_000, daysMin: 0, daysMax: 1 }
const quote = async (visitor: Visitor, place: Record<string, unknown>) =>
  (await (await visitor.post('/api/v1/checkout/quote', place)).json()) as {
    delivery: { amountMinor: number }
    waivedDelivery: { amountMinor: number }
  }
const bag = async (priceMinor: bigint) => {
  const visitor = guest(shop)
  await visitor.post('/api/v1/cart/lines', {
    variantId: (await makeVariant(shop.context, shop.catalogue, { priceMinor })).variantId,
    quantity: 1,
  })
  return visitor
}

test('staff make a zone, move a town into it, and the quote follows at once, in any case', async () => {
  const visitor = await bag(100_000n)
  expect((await quote(visitor, { county: 'Nairobi', town: 'Karen' })).delivery.amountMinor).toBe(20_000)
  expect((await staff.send('PUT', '/api/v1/admin/delivery-zones/near', terms)).status).toBe(200)
  expect((await staff.send('PUT', '/api/v1/admin/delivery-towns', { county: 'nairobi', town: 'Karen', zone: 'near' })).status).toBe(200)
  const answer = await staff.send('PUT', '/api/v1/admin/delivery-towns', { county: 'Nairobi', town: 'KAREN', zone: 'near' })
  const { items } = (await answer.json()) as { items: { code: string; towns: { id: string; town: string }[] }[] }
  const towns = items.find(({ code }) => code === 'near')?.towns ?? []
  expect(towns.map(({ town }) => town)).toEqual(['Karen'])
  expect((await quote(visitor, { county: 'Nairobi', town: ' karen' })).delivery.amountMinor).toBe(15_000)
  expect((await staff.send('DELETE', `/api/v1/admin/delivery-towns/${towns[0]?.id ?? ''}`)).status).toBe(200)
  expect((await quote(visitor, { county: 'Nairobi', town: 'Karen' })).delivery.amountMinor).toBe(20_000)
})

test('a far pin costs more by the kilometre, and goods worth enough are brought for nothing', async () => {
  await staff.send('PUT', '/api/v1/admin/delivery-zones/city', {
    name: 'Nairobi',
    feeMinor: 20_000,
    perKmMinor: 1_000,
    includedKm: 10,
    freeFromMinor: 500_000,
    daysMin: 0,
    daysMax: 1,
  })
  const visitor = await bag(100_000n)
  // Ngong hills: 25 km in a straight line from Enterprise Road, 33 by road, 10 of them included.
  const far = await quote(visitor, { county: 'Nairobi', lat: -1.3667, lng: 36.6393 })
  expect(far.delivery.amountMinor).toBe(20_000 + (Math.ceil(24.99 * 1.3) - 10) * 1_000)
  expect((await quote(visitor, { county: 'Nairobi', lat: -1.3067, lng: 36.8559 })).delivery.amountMinor).toBe(20_000)
  expect(await quote(await bag(500_000n), { county: 'Nairobi' })).toMatchObject({
    delivery: { amountMinor: 0 },
    waivedDelivery: { amountMinor: 20_000 },
  })
})

test('odd terms and strangers are refused, and everybody may read the fees', async () => {
  expect((await staff.send('PUT', '/api/v1/admin/delivery-zones/odd', { ...terms, feeMinor: 15_050 })).status).toBe(422)
  expect((await staff.send('PUT', '/api/v1/admin/delivery-zones/odd', { ...terms, daysMin: 3 })).status).toBe(422)
  expect((await staff.send('PUT', '/api/v1/admin/delivery-counties/Nairobi', { zone: 'nowhere' })).status).toBe(404)
  expect((await (await person(shop)).send('PUT', '/api/v1/admin/delivery-zones/odd', terms)).status).toBe(403)
  const { items } = (await (await shop.fetch('/api/v1/delivery-fees')).json()) as { items: { county: string }[] }
  expect(items.map(({ county }) => county)).toEqual(['Mombasa', 'Nairobi'])
})
