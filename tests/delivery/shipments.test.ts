import { afterAll, beforeAll, expect, test } from 'bun:test'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { buyAndPay, deliver, pack, place } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { crew, type Crew } from './delivery-story.ts'

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

const goods = async (vendorId = shop.catalogue.vendorId) => (await makeVariant(shop.context, shop.catalogue, { vendorId })).variantId

test('an order leaves in parts as they are ready, and is delivered when the last of it is', async () => {
  const order = await buyAndPay(shop, { lines: [{ variantId: await goods(), quantity: 3 }, { variantId: await goods() }] })
  const [three, one] = (await order.see()).lines
  const [first] = await pack(shop, people.staff, order, [{ lineId: three?.id ?? '', quantity: 2 }])
  expect((await order.see()).lines.map(({ packedQuantity }) => packedQuantity)).toEqual([2, 0])
  await deliver(shop, people.rider, first?.id ?? '')
  expect((await order.see()).state).toBe('on_the_road')
  const tooMany = await people.staff.post(`/api/v1/orders/${order.number}/pack`, { lines: [{ lineId: three?.id, quantity: 2 }] })
  expect(tooMany.status).toBe(422)
  const [second] = await pack(shop, people.staff, order, [{ lineId: one?.id ?? '', quantity: 1 }])
  const [third] = await pack(shop, people.staff, order)
  expect((await people.staff.post(`/api/v1/orders/${order.number}/pack`)).status).toBe(409)
  await deliver(shop, people.rider, third?.id ?? '')
  expect((await order.see()).state).toBe('on_the_road')
  await deliver(shop, people.rider, second?.id ?? '')
  expect((await order.see()).state).toBe('delivered')
  const carried = await shop.database
    .sql`select sum(quantity)::int as pieces from delivery_lines l join deliveries d on d.id = l.delivery_id where d.order_id = ${order.id}`
  expect(carried[0]?.['pieces']).toBe(4)
})

test('a vendor packs what is theirs, and can neither pack nor name what is another’s', async () => {
  const other = shop.context.ids.next()
  await shop.context.db.insert(vendors).values({ id: other, slug: 'other', name: 'Other', status: 'approved' })
  const packer = await person(shop, { member: { vendorId: other, role: 'owner' } })
  const order = await buyAndPay(shop, { lines: [{ variantId: await goods() }, { variantId: await goods(other) }] })
  const [theirs] = (await order.see()).lines
  expect((await packer.post(`/api/v1/orders/${order.number}/pack`, { lines: [{ lineId: theirs?.id, quantity: 1 }] })).status).toBe(404)
  await pack(shop, packer, order)
  expect((await order.see()).lines.map(({ packedQuantity }) => packedQuantity)).toEqual([0, 1])
})

test('packed by twenty at once, each piece is packed once', async () => {
  const order = await buyAndPay(shop, { lines: [{ variantId: await goods(), quantity: 5 }] })
  const [line] = (await order.see()).lines
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      people.staff.post(`/api/v1/orders/${order.number}/pack`, { lines: [{ lineId: line?.id, quantity: 1 }] }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
  expect((await order.see()).lines[0]?.packedQuantity).toBe(5)
})

test('an order to be paid at the door leaves whole', async () => {
  const order = await place(shop, { lines: [{ variantId: await goods(), quantity: 2 }], body: { payment: { method: 'cod' } } })
  await shop.settle()
  const [line] = (await order.see()).lines
  expect((await people.staff.post(`/api/v1/orders/${order.number}/pack`, { lines: [{ lineId: line?.id, quantity: 1 }] })).status).toBe(422)
  expect(await pack(shop, people.staff, order)).toHaveLength(1)
})
