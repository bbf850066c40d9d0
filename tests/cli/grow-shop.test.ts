import { afterAll, beforeAll, expect, test } from 'bun:test'
import { growShop } from '../../src/cli/seed/grow-shop.ts'
import { seedShop } from '../../src/cli/seed/seed-shop.ts'
import { findProjectionDifferences } from '../../src/domain/payments/rebuild-projection.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { freshDatabase, type FreshDatabase } from '../support/database.ts'

let shop: TestShop
let other: FreshDatabase
beforeAll(async () => {
  shop = await openShop()
  // The demo opens an empty shop only, so it gets a database of its own.
  other = await freshDatabase()
  await seedShop({ ...shop.context, db: other.db })
})
afterAll(async () => {
  await other.drop()
  await shop.close()
})

const counts = async () => {
  const [row] = await other.sql<{ products: number; variants: number; orders: number; money: string }[]>`
    select (select count(*)::int from products where slug like 'grown-%') as products, (select count(*)::int from variants where sku like 'GRW-%') as variants,
      (select count(*)::int from orders) as orders, (select md5(string_agg(number || total_minor, ',' order by number)) from orders) as money`
  return row
}

test('a shop grows to any size with every invariant and every projection true, and only by what is missing', async () => {
  expect(await growShop({ databaseUrl: other.url, products: 30, orders: 80 })).toEqual({ products: 30, orders: 80 })
  expect(await growShop({ databaseUrl: other.url, products: 60, orders: 200 })).toEqual({ products: 30, orders: 120 })
  const grown = await counts()
  expect(grown).toMatchObject({ products: 60, variants: 600, orders: 200 })
  expect(await growShop({ databaseUrl: other.url, products: 60, orders: 200 })).toEqual({ products: 0, orders: 0 })
  expect(await counts()).toEqual(grown)
  expect(await checkInvariants(other.db)).toEqual([])
  expect(await findProjectionDifferences(other.db)).toEqual([])
}, 60_000)
