import { afterAll, beforeAll, expect, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { closeDays } from '../../src/domain/vendors/close-days.ts'
import { vendorKpis } from '../../src/domain/vendors/vendor-kpi.queries.ts'
import type { Db } from '../../src/platform/db.ts'
import { person } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, place, read, refund } from '../support/vendors.ts'

let shop: TestShop
let clock: FakeClock
beforeAll(async () => {
  clock = fakeClock('2026-11-24T20:30:00.000Z')
  shop = await openShop({ overrides: { clock } })
})
afterAll(() => shop.close())

test('a day is a day in Nairobi, today counts what came so far, and nights change nothing but the cost', async () => {
  const vendorId = await makeVendor(shop, { name: 'Looms' })
  const sell = async (priceMinor: bigint) => {
    const order = await place(shop, [{ vendorId, priceMinor }])
    await pay(shop, order)
    return order
  }
  // 23:30 in Nairobi, then 00:30 of the next day.
  const first = await sell(100_000n)
  clock.advance(3_600_000)
  await sell(50_000n)
  const staff = await person(shop, { roles: ['support'] })
  await refund(shop, staff, first, 60_000)

  const owner = await person(shop, { member: { vendorId, role: 'owner' } })
  const look = async () => (await read(owner.get('/api/v1/vendor/kpis?days=3'))).body
  const live = await look()
  expect(live).toMatchObject({
    toPack: 2,
    today: {
      day: '2026-11-25',
      orders: 1,
      pieces: 1,
      gross: { amountMinor: 50_000 },
      net: { amountMinor: 49_000 },
      takenBack: { amountMinor: 49_000 },
    },
    days: [
      { day: '2026-11-23', orders: 0, gross: { amountMinor: 0 } },
      { day: '2026-11-24', orders: 1, gross: { amountMinor: 100_000 }, commission: { amountMinor: 2_000 }, takenBack: { amountMinor: 0 } },
      { day: '2026-11-25' },
    ],
  })
  await closeDays(shop.context)
  await closeDays(shop.context)
  expect(await look()).toEqual(live)
  const closed = await shop.database.sql`select day::text from vendor_closed_days`
  expect(closed.map((row) => row['day'])).toEqual(['2026-11-24'])
})

test('the figures take the same three statements for one order and for many', async () => {
  const sent: string[] = []
  const driver = postgres(shop.database.url, { max: 1, onnotice: () => {}, debug: (_, text) => void sent.push(text) })
  const db = drizzle(driver, { casing: 'snake_case' }) as unknown as Db
  await driver`select 1`
  for (const days of [1, 14, 92]) {
    sent.length = 0
    await vendorKpis(db, shop.catalogue.vendorId, clock.now(), days)
    expect(sent).toHaveLength(3)
  }
  await driver.end({ timeout: 2 })
})

test('a vendor sees its own part of an order, packs from a list, and hears nothing of the others in it', async () => {
  const [looms, soles] = [await makeVendor(shop, { name: 'Looms' }), await makeVendor(shop, { name: 'Soles' })]
  const order = await place(shop, [
    { vendorId: looms, priceMinor: 10_000n },
    { vendorId: soles, priceMinor: 70_000n },
  ])
  const packer = await person(shop, { member: { vendorId: looms, role: 'staff', scopes: ['orders'] } })
  expect((await read(packer.get('/api/v1/vendor/orders'))).body.items).toEqual([])
  await pay(shop, order)
  const { body } = await read(packer.get('/api/v1/vendor/orders'))
  expect(body.items).toMatchObject([
    {
      number: order.number,
      state: 'paid',
      town: 'Kilimani',
      gross: { amountMinor: 10_000 },
      commission: { amountMinor: 200 },
      net: { amountMinor: 9_800 },
      lines: [{ quantity: 1, packedQuantity: 0, warehouse: 'NBO' }],
    },
  ])
  expect(JSON.stringify(body)).not.toMatch(/Amina|254712|70000|Soles/)
  expect((await packer.get(`/api/v1/vendor/orders/${order.number}`)).status).toBe(200)
  const other = await place(shop, [{ vendorId: soles, priceMinor: 70_000n }])
  expect((await packer.get(`/api/v1/vendor/orders/${other.number}`)).status).toBe(404)
  const clerk = await person(shop, { member: { vendorId: looms, role: 'staff', scopes: ['catalog'] } })
  expect((await clerk.get('/api/v1/vendor/orders')).status).toBe(403)
})
