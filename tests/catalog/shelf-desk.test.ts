import { afterAll, beforeAll, expect, test } from 'bun:test'
import { person, type Visitor } from '../support/actors.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let staff: Visitor
let admin: Visitor
let made: { productId: string; slug: string; variantIds: string[] }
beforeAll(async () => {
  shop = await openShop()
  staff = await person(shop, { roles: ['support'] })
  admin = await person(shop, { roles: ['admin'] })
  made = await makeProduct(shop.context, shop.catalogue, { name: 'Wrap', variants: [{ size: 'M', colour: 'Indigo', stock: 2 }] })
})
afterAll(() => shop.close())

const put = async (who: Visitor, path: string, body: unknown): Promise<number> =>
  (await who.send('PUT', `/api/v1/admin/${path}`, body)).status
const found = async (query: string): Promise<string[]> =>
  ((await (await shop.fetch(`/api/v1/products?${query}`)).json()) as { items: { slug: string }[] }).items.map(({ slug }) => slug)

test('staff make a collection, and it is shown as long as it is active', async () => {
  const eid = { name: 'Eid', nameSw: 'Idi', status: 'active', productIds: [made.productId] }
  expect(await put(staff, 'collections/eid', eid)).toBe(200)
  expect(await found('collection=eid')).toEqual([made.slug])
  const { items } = (await (await shop.fetch('/api/v1/collections')).json()) as { items: unknown[] }
  expect(items).toEqual([{ slug: 'eid', name: 'Eid', nameSw: 'Idi', story: '', products: 1 }])
  expect(await put(staff, 'collections/eid', { ...eid, status: 'archived' })).toBe(200)
  expect(await found('collection=eid')).toEqual([])
  expect(await put(staff, 'collections/eid', { ...eid, productIds: [crypto.randomUUID()] })).toBe(404)
  expect(await put(staff, 'collections/Not%20a%20slug', eid)).toBe(422)
})

test('staff teach the search a word, and it is understood at once', async () => {
  expect(await found('q=kirundo')).toEqual([])
  expect(await put(staff, 'search/synonyms/Kirundo', { means: ['Wrap'] })).toBe(200)
  expect(await found('q=kirundo')).toEqual([made.slug])
  expect(await put(staff, 'search/synonyms/kirundo', { means: [] })).toBe(200)
  expect(await found('q=kirundo')).toEqual([])
  expect(await put(staff, 'search/synonyms/kirundo', { means: ['!!!'] })).toBe(422)
})

test('staff rename a category, and its products are found by the new name', async () => {
  expect(await put(staff, 'categories/women', { name: 'Women', nameSw: 'Wanawake' })).toBe(200)
  expect(await put(staff, 'categories/dresses', { name: 'Gowns', parent: 'women' })).toBe(200)
  expect(await found('q=gowns')).toEqual([made.slug])
  expect(await found('category=women')).toEqual([made.slug])
  // The tree has two floors and no circle.
  expect(await put(staff, 'categories/women', { name: 'Women', parent: 'dresses' })).toBe(422)
  expect(await put(staff, 'categories/new', { name: 'New', parent: 'dresses' })).toBe(422)
})

test('what lies in a closed warehouse is not sold, and none with goods for orders is closed', async () => {
  const nairobi = { name: 'Nairobi', address: 'Enterprise Road', lat: -1.3067, lng: 36.8559, isActive: false }
  expect(await put(staff, 'warehouses/NBO', nairobi)).toBe(403)
  expect(await found('inStock=true')).toEqual([made.slug])
  expect(await put(admin, 'warehouses/NBO', nairobi)).toBe(200)
  expect(await found('inStock=true')).toEqual([])
  expect(await put(admin, 'warehouses/NBO', { ...nairobi, isActive: true })).toBe(200)
  expect(await put(admin, 'warehouses/LDN', { ...nairobi, lat: 51.5, lng: -0.1 })).toBe(422)
})
