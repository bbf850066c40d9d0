import { afterAll, beforeAll, expect, test } from 'bun:test'
import { buy, guest, person, type Visitor } from '../support/actors.ts'
import { makeProduct, makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { moveOrder } from '../../src/domain/orders/move-order.ts'
import { systemStamp } from '../../src/lib/stamp.ts'

let shop: TestShop
let owner: Visitor
beforeAll(async () => {
  shop = await openShop()
  owner = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'owner', scopes: [] } })
})
afterAll(() => shop.close())

const page = async (path: string, who: Visitor = owner): Promise<{ status: number; html: string }> => {
  const answer = await who.get(path, { accept: 'text/html' })
  return { status: answer.status, html: await answer.text() }
}
const press = (path: string, form: Record<string, string>, who: Visitor = owner): Promise<Response> =>
  shop.fetch(path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${who.token}` },
  })

test('the desk is for members of the shop, and a member sees only what their scope opens', async () => {
  const shopper = await person(shop)
  const packer = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: ['orders'] } })
  for (const path of ['/vendor', '/vendor/orders', '/vendor/products', '/vendor/stock', '/vendor/statement']) {
    expect([path, (await page(path)).status]).toEqual([path, 200])
    expect([path, (await page(path, shopper)).status]).toEqual([path, 403])
  }
  expect((await page('/vendor/orders', packer)).status).toBe(200)
  expect((await page('/vendor/statement', packer)).status).toBe(403)
  expect((await page(`/vendor?vendorId=${crypto.randomUUID()}`)).status).toBe(404)
})

test('an order to pack says what lies on which shelf, and is packed by one button', async () => {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const placed = (await (await buy(guest(shop), variantId)).json()) as { order: { number: string } }
  const [order] = await shop.database.sql<
    { id: string; state: string }[]
  >`select id, state from orders where number = ${placed.order.number}`
  if (order === undefined) throw new Error('no order')
  await shop.context.db.transaction((tx) => moveOrder(tx, systemStamp('test', shop.context), order, 'paid', 'test'))
  expect((await page('/vendor')).html).toMatch(/Orders to pack<\/span><strong>1<\/strong>/)
  expect((await page('/vendor/orders')).html).toContain(placed.order.number)
  const answer = await press(`/vendor/orders/${placed.order.number}/pack`, {})
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/vendor/orders?done=packed'])
  expect((await page('/vendor/orders')).html).toContain('Everything is packed.')
  expect((await press(`/vendor/orders/${placed.order.number}/pack`, {})).headers.get('location')).toBe('/vendor/orders?problem=order_state')
})

test('a count on the sheet writes down what was changed and nothing else; letters change nothing', async () => {
  const { variantIds } = await makeProduct(shop.context, shop.catalogue, {
    variants: [
      { size: 'S', colour: 'Indigo', stock: 5 },
      { size: 'M', colour: 'Indigo', stock: 7 },
    ],
  })
  const [one, two] = await shop.database.sql<{ sku: string; code: string }[]>`
    select v.sku, w.code from variants v join stock_levels l on l.variant_id = v.id join warehouses w on w.id = l.warehouse_id
    where v.id = any(${variantIds}::uuid[]) order by v.position`
  if (one === undefined || two === undefined) throw new Error('no shelves')
  const onHand = async () =>
    (
      await shop.database.sql<
        { on_hand: number }[]
      >`select l.on_hand from stock_levels l join variants v on v.id = l.variant_id where v.id = any(${variantIds}::uuid[]) order by v.position`
    ).map((row) => row.on_hand)
  const form = { warehouse: one.code, [`was ${one.sku}`]: '5', [`now ${one.sku}`]: '9', [`was ${two.sku}`]: '7', [`now ${two.sku}`]: '7' }
  expect((await press('/vendor/stock', form)).headers.get('location')).toBe(`/vendor/stock?warehouse=${one.code}&done=counted`)
  expect(await onHand()).toEqual([9, 7])
  const moves = await shop.database.sql`select 1 from stock_moves where kind = 'adjusted' and variant_id = any(${variantIds}::uuid[])`
  expect(moves).toHaveLength(1)
  const letters = await press('/vendor/stock', { ...form, [`was ${one.sku}`]: '9', [`now ${one.sku}`]: 'nine' })
  expect(letters.headers.get('location')).toContain('problem=invalid_input')
  expect(await onHand()).toEqual([9, 7])
})

test('a product is taken off sale and put back by a button, and another shop’s is not there', async () => {
  const { productId } = await makeProduct(shop.context, shop.catalogue, { variants: [{ size: 'S', colour: 'Clay', stock: 1 }] })
  const status = async () => (await shop.database.sql<{ status: string }[]>`select status from products where id = ${productId}`)[0]?.status
  await press(`/vendor/products/${productId}/status`, { status: 'draft' })
  expect(await status()).toBe('draft')
  await press(`/vendor/products/${productId}/status`, { status: 'active' })
  expect(await status()).toBe('active')
  const foreign = await press(`/vendor/products/${crypto.randomUUID()}/status`, { status: 'draft' })
  expect(foreign.headers.get('location')).toBe('/vendor/products?problem=not_found')
})
