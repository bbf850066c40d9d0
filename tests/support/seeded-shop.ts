import { seedShop } from '../../src/cli/seed/seed-shop.ts'
import { categories } from '../../src/domain/catalog/product.table.ts'
import { warehouses } from '../../src/domain/catalog/warehouse.table.ts'
import { deliveryCounties, deliveryZones } from '../../src/domain/delivery/delivery.table.ts'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { openShop, type TestShop } from './shop.ts'

export type { TestShop }

/** The demo shop, working: the seeded catalogue, and queues that run by themselves as they do in `bun start`. */
export async function openSeededShop(): Promise<TestShop> {
  const shop = await openShop()
  const { db } = shop.context
  // The small catalogue of other tests makes room for the real one.
  for (const table of [deliveryCounties, deliveryZones, categories, warehouses, vendors]) await db.delete(table)
  await seedShop(shop.context)
  shop.context.outbox.start()
  return shop
}
