import { sql } from 'drizzle-orm'
import { products, variants } from '../../domain/catalog/product.table.ts'
import { warehouses } from '../../domain/catalog/warehouse.table.ts'
import { deliveryCounties, drivers } from '../../domain/delivery/delivery.table.ts'
import { vendors } from '../../domain/vendors/vendor.table.ts'
import { distanceM, inKenya, type Place } from '../../lib/geo.ts'
import type { Tx } from '../../platform/db.ts'
import { lostGoods } from './import-catalogue.ts'
import { type ImportTools, readLinks } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import type { PlannedOrder } from './plan-order.ts'

/** A product as a line freezes it. */
export interface SoldProduct {
  readonly productId: string
  readonly variantId: string
  readonly vendorId: string
  readonly name: string
  readonly sku: string
  readonly vatClass: string
  readonly commissionBasisPoints: number
}

/** What a warehouse is to an order. */
export interface Shelf extends Place {
  readonly id: string
}

/** Everything of ours that the orders of a page point to, by old ids. */
export interface OrderReferences {
  account(oldId: string | null | undefined): string | undefined
  product(oldId: string | undefined): SoldProduct
  warehouse(oldId: string | undefined): Shelf
  /** The county whose town lies nearest, with its zone. */
  county(place: Place | undefined): { readonly county: string; readonly zone: string }
}

/** Reads what a page of orders points to, and makes what they lack: a product for lost goods, a warehouse where there is none. */
export async function readOrderReferences(tx: Tx, tools: ImportTools, orders: readonly PlannedOrder[]): Promise<OrderReferences> {
  const lines = orders.flatMap((order) => order.lines)
  const people = orders.flatMap((order) => [
    order.row['user_id'],
    order.delivery?.['driver_id'],
    ...order.charges.flatMap(({ rows }) => rows.map(({ userId }) => userId)),
  ])
  const [accountLinks, productLinks, warehouseLinks] = [
    await readLinks(tx, tools.source, 'users_customuser', [...new Set(people.flatMap((id) => id ?? []))]),
    await readLinks(tx, tools.source, 'product_app_product', [...new Set(['0', ...lines.flatMap(({ productId }) => productId ?? [])])]),
    await readLinks(tx, tools.source, 'product_app_warehouse', [...new Set(lines.flatMap(({ warehouseId }) => warehouseId ?? []))]),
  ]
  const isLost = lines.some(({ productId }) => productId === undefined || !productLinks.has(productId))
  const lostId = isLost ? (productLinks.get('0')?.targetId ?? (await lostGoods(tx, tools))) : undefined
  const productIds = [...[...productLinks.values()].map(({ targetId }) => targetId), ...(lostId === undefined ? [] : [lostId])]
  const sold = await tx
    .select({
      productId: products.id,
      variantId: variants.id,
      vendorId: products.vendorId,
      name: products.name,
      sku: variants.sku,
      vatClass: products.vatClass,
      commissionBasisPoints: vendors.commissionBasisPoints,
    })
    .from(products)
    .innerJoin(variants, sql`${variants.productId} = ${products.id} and ${variants.sku} like 'LEGACY-%'`)
    .innerJoin(vendors, sql`${vendors.id} = ${products.vendorId}`)
    .where(sql`${products.id} = any(${sql.param(productIds)}::uuid[])`)
  const byProduct = new Map(sold.map((product) => [product.productId, product]))
  const shelves = await tx.select({ id: warehouses.id, lat: warehouses.lat, lng: warehouses.lng }).from(warehouses).orderBy(warehouses.code)
  const fallback = shelves[0] ?? (await firstWarehouse(tx, tools))
  const counties = await tx.select().from(deliveryCounties)
  const riders = [...new Set(orders.flatMap((order) => accountLinks.get(order.delivery?.['driver_id'] ?? '')?.targetId ?? []))]
  // Whoever brought an order was a rider, whatever their role says today.
  await insertRows(
    tx,
    drivers,
    riders.map((accountId) => ({ accountId })),
    sql` on conflict do nothing`,
  )

  return {
    account: (oldId) => accountLinks.get(oldId ?? '')?.targetId,
    product: (oldId) => {
      const product = byProduct.get(productLinks.get(oldId ?? '')?.targetId ?? lostId ?? '') ?? byProduct.get(lostId ?? '')
      if (product === undefined) throw new Error(`no product for the old product ${oldId ?? 'none'}`)
      return product
    },
    warehouse: (oldId) => shelves.find(({ id }) => id === warehouseLinks.get(oldId ?? '')?.targetId) ?? fallback,
    county: (place) => {
      const [nearest] = place === undefined ? [] : [...counties].sort((one, other) => distanceM(place, one) - distanceM(place, other))
      return { county: nearest?.county ?? 'Nairobi', zone: nearest?.zoneCode ?? 'legacy' }
    },
  }
}

async function firstWarehouse(tx: Tx, tools: ImportTools): Promise<Shelf> {
  const row = {
    id: tools.ids.next(),
    code: 'LEGACY-0',
    name: 'The old shop',
    address: 'Nairobi',
    lat: -1.2921,
    lng: 36.8219,
    isActive: true,
  }
  await insertRows(tx, warehouses, [row])
  return row
}

/** Where an order goes, when the old shop knows a place in Kenya. */
export function destinationOf(order: PlannedOrder): Place | undefined {
  const place = { lat: Number(order.row['dest_lat'] ?? Number.NaN), lng: Number(order.row['dest_lng'] ?? Number.NaN) }
  return inKenya(place) ? place : undefined
}
