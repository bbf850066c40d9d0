import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { guest, person } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let otherId = ''
beforeAll(async () => {
  shop = await openShop()
  otherId = shop.context.ids.next()
  await shop.context.db.insert(vendors).values({ id: otherId, slug: 'soles', name: 'Bata Soles', town: 'Limuru', status: 'approved' })
})
afterAll(() => shop.close())

const path = '/api/v1/vendor/profile'
const owner = () => person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: [] } })
const json = async (answer: Response) => ({ status: answer.status, body: (await answer.json()) as Record<string, unknown> })

async function memberOfBoth() {
  const both = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'manager' } })
  await shop.database.sql`insert into vendor_members (vendor_id, account_id, role) values (${otherId}, ${both.accountId ?? ''}, 'staff')`
  return both
}

describe('which vendor a request acts for', () => {
  test('the only one is implied', async () => {
    expect(await json(await (await owner()).get(path))).toMatchObject({ status: 200, body: { name: 'Kariokor Looms' } })
  })

  test('a member of several names one, and is told which they are', async () => {
    const both = await memberOfBoth()
    const { status, body } = await json(await both.get(path))
    expect(status).toBe(400)
    expect(body).toMatchObject({
      code: 'vendor_required',
      fields: [{ path: '/query/vendorId' }],
      vendors: [
        { name: 'Kariokor Looms', role: 'manager' },
        { name: 'Bata Soles', role: 'staff' },
      ],
    })
    expect(body['detail']).toContain('Kariokor Looms')
    expect(await json(await both.get(`${path}?vendorId=${otherId}`))).toMatchObject({ status: 200, body: { name: 'Bata Soles' } })
    expect(await json(await both.get(path, { 'x-vendor-id': otherId }))).toMatchObject({ status: 200, body: { name: 'Bata Soles' } })
    expect(await json(await both.get(`${path}?vendorId=${shop.catalogue.vendorId}`, { 'x-vendor-id': otherId }))).toMatchObject({
      status: 400,
      body: { code: 'vendor_required' },
    })
    expect(await json(await both.get('/api/v1/vendor/memberships'))).toMatchObject({ body: { items: [{}, {}] } })
  })

  test('a foreign vendor does not exist, and neither does one that is no id', async () => {
    const member = await owner()
    for (const id of [otherId, crypto.randomUUID(), 'x', '%27'])
      expect(await json(await member.get(`${path}?vendorId=${id}`))).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  test('guests sign in, shoppers may not, staff name one that exists', async () => {
    expect((await guest(shop).get(path)).status).toBe(401)
    expect((await (await person(shop)).get(path)).status).toBe(403)
    const staff = await person(shop, { roles: ['support'] })
    expect((await staff.get(path)).status).toBe(400)
    expect((await staff.get(`${path}?vendorId=${otherId.toUpperCase()}`)).status).toBe(200)
    expect((await staff.get(`${path}?vendorId=${crypto.randomUUID()}`)).status).toBe(404)
    expect((await staff.get(`${path}?vendorId=nonsense`)).status).toBe(404)
  })
})
