import { afterAll, beforeAll, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { person } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, place, read, refund } from '../support/vendors.ts'

// vendurehq/vendure#1329, #3977, #3768; medusajs/medusa discussion 2142; spree/spree#13323: multi-vendor is a sample or paid for.
let shop: TestShop
beforeAll(async () => void (shop = await openShop({ environment: { PAYOUT_LEAST_KES: '1', PAYOUT_SECOND_PERSON_KES: '0' } })))
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

test('complaint 10: several vendors sell in one order, with staff, frozen commission, claw-back and payout, without a plugin', async () => {
  const [looms, soles] = [
    await makeVendor(shop, { name: 'Looms', commissionBasisPoints: 200 }),
    await makeVendor(shop, { name: 'Soles', commissionBasisPoints: 1_000 }),
  ]
  const order = await place(shop, [
    { vendorId: looms, priceMinor: 10_000n },
    { vendorId: soles, priceMinor: 70_000n },
  ])
  // The commission of the day it was sold counts, whatever is agreed later.
  await shop.database.sql`update vendors set commission_basis_points = 5000 where id in (${looms}, ${soles})`
  await pay(shop, order)
  const parts = await shop.database.sql`
    select v.name, s.number, s.gross_minor::int as gross, s.commission_minor::int as commission, s.net_minor::int as net
    from sub_orders s join vendors v on v.id = s.vendor_id where s.order_id = ${order.orderId} order by s.number`
  expect([...parts]).toEqual([
    { name: 'Looms', number: `${order.number}-A`, gross: 10_000, commission: 200, net: 9_800 },
    { name: 'Soles', number: `${order.number}-B`, gross: 70_000, commission: 7_000, net: 63_000 },
  ])

  // Staff of a shop do what their scopes say, in their shop only.
  const packer = await person(shop, { member: { vendorId: looms, role: 'staff', scopes: ['orders'] } })
  expect((await read(packer.get('/api/v1/vendor/orders'))).body.items).toMatchObject([{ number: order.number, lines: [{}] }])
  expect((await packer.get('/api/v1/vendor/balance')).status).toBe(403)
  expect((await packer.get(`/api/v1/vendor/balance?vendorId=${soles}`)).status).toBe(404)

  // A refund of half takes half back from each; the rest is paid out, by two people.
  await refund(shop, await person(shop, { roles: ['support'] }), order, Number(order.totalMinor) / 2)
  const owner = await person(shop, { member: { vendorId: soles, role: 'owner' } })
  expect((await read(owner.get('/api/v1/vendor/balance'))).body).toMatchObject({ owed: { amountMinor: 31_500 } })
  const [maker, approver] = [await person(shop, { roles: ['finance'] }), await person(shop, { roles: ['finance'] })]
  const { body: batch } = await read(maker.post('/api/v1/admin/payout-batches', { method: 'mpesa' }))
  expect(batch.total.amountMinor).toBe(31_500 + 4_900)
  expect((await maker.post(`/api/v1/admin/payout-batches/${batch.id}/approval`)).status).toBe(409)
  expect((await approver.post(`/api/v1/admin/payout-batches/${batch.id}/approval`)).status).toBe(200)
  expect((await read(owner.get('/api/v1/vendor/balance'))).body).toEqual({
    owed: { amountMinor: 0, currency: 'KES' },
    onItsWay: { amountMinor: 31_500, currency: 'KES' },
  })
})
