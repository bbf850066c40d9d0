import { eq, sql } from 'drizzle-orm'
import { categories, products, variants } from '../../domain/catalog/product.table.ts'
import { stockLevels, stockMoves } from '../../domain/catalog/stock.table.ts'
import { warehouses } from '../../domain/catalog/warehouse.table.ts'
import { vendorMembers, vendors } from '../../domain/vendors/vendor.table.ts'
import { inKenya } from '../../lib/geo.ts'
import { parseDecimal } from '../../lib/money.ts'
import type { Tx } from '../../platform/db.ts'
import { type ImportTools, inCommit, pagesOf, readLinks, writeLinks } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import { oldMoment, type OldRow, oldTruth } from './old-database.ts'

/** Categories, warehouses, products with one variant each, and what lies on the shelves. */
export async function importCatalogue(tools: ImportTools): Promise<void> {
  for await (const rows of pagesOf(tools, 'product_app_category')) await importCategories(tools, rows)
  for await (const rows of pagesOf(tools, 'product_app_warehouse')) await importWarehouses(tools, rows)
  for await (const rows of pagesOf(tools, 'product_app_product')) await importProducts(tools, rows)
}

async function freshOf(
  tools: ImportTools,
  table: 'product_app_category' | 'product_app_warehouse' | 'product_app_product',
  rows: readonly OldRow[],
): Promise<OldRow[]> {
  const known = await readLinks(
    tools.db,
    tools.source,
    table,
    rows.map((row) => row['id'] ?? ''),
  )
  tools.report.count(table, 'unchanged', known.size)
  return rows.filter((row) => !known.has(row['id'] ?? ''))
}

async function importCategories(tools: ImportTools, rows: readonly OldRow[]): Promise<void> {
  const table = 'product_app_category'
  const fresh = await freshOf(tools, table, rows)
  const here = new Map(
    (await tools.db.select({ id: categories.id, slug: categories.slug }).from(categories)).map(({ id, slug }) => [slug, id]),
  )
  const placed = fresh.map((row) => ({ row, slug: row['slug'] ?? '', twin: here.get(row['slug'] ?? ''), id: tools.ids.next() }))
  tools.report.count(table, 'merged', placed.filter(({ twin }) => twin !== undefined).length)
  tools.report.count(table, 'imported', placed.filter(({ twin }) => twin === undefined).length)
  await inCommit(tools, async (tx) => {
    await insertRows(
      tx,
      categories,
      placed
        .filter(({ twin }) => twin === undefined)
        .map(({ row, id, slug }) => ({
          id,
          slug: slug === '' ? `legacy-${row['id']}` : slug,
          name: row['name'] ?? slug,
          nameSw: '',
          saying: '',
          motif: 'plain',
          position: 900,
        })),
    )
    await writeLinks(
      tx,
      tools.source,
      placed.map(({ row, id, twin }) => ({ table, id: row['id'] ?? '', target: 'categories', targetId: twin ?? id })),
    )
  })
}

async function importWarehouses(tools: ImportTools, rows: readonly OldRow[]): Promise<void> {
  const table = 'product_app_warehouse'
  const placed = (await freshOf(tools, table, rows)).flatMap((row) => {
    const place = { lat: Number(row['latitude'] ?? Number.NaN), lng: Number(row['longitude'] ?? Number.NaN) }
    if (inKenya(place)) return [{ row, id: tools.ids.next(), ...place }]
    tools.report.find({ sort: 'left', kind: 'warehouse_abroad', table, id: row['id'] ?? '', lands: '', says: 'it does not lie in Kenya' })
    return []
  })
  tools.report.count(table, 'imported', placed.length)
  await inCommit(tools, async (tx) => {
    await insertRows(
      tx,
      warehouses,
      placed.map(({ row, id, lat, lng }) => ({
        id,
        code: `LEGACY-${row['id']}`,
        name: row['name'] ?? 'Warehouse',
        address: row['address'] ?? '',
        lat,
        lng,
        isActive: oldTruth(row['is_active']) !== false,
      })),
    )
    await writeLinks(
      tx,
      tools.source,
      placed.map(({ row, id }) => ({ table, id: row['id'] ?? '', target: 'warehouses', targetId: id })),
    )
  })
}

async function importProducts(tools: ImportTools, rows: readonly OldRow[]): Promise<void> {
  const { report, ids, source } = tools
  const table = 'product_app_product'
  const priced = (await freshOf(tools, table, rows)).flatMap((row) => {
    const priceMinor = parseDecimal(row['price'])
    if (priceMinor !== undefined && priceMinor > 0n)
      return [{ row, oldId: row['id'] ?? '', priceMinor, productId: ids.next(), variantId: ids.next() }]
    report.find({
      sort: 'left',
      kind: 'product_without_price',
      table,
      id: row['id'] ?? '',
      lands: '',
      says: 'nothing can be sold for nothing',
    })
    return []
  })
  report.count(table, 'imported', priced.length)
  const shelves = await tools.old.among(
    'product_app_productstock',
    'product_id',
    priced.map(({ oldId }) => oldId),
  )
  report.count('product_app_productstock', 'read', shelves.length)
  await inCommit(tools, async (tx) => {
    const links = {
      categories: await readLinks(
        tx,
        source,
        'product_app_category',
        priced.map(({ row }) => row['category_id'] ?? ''),
      ),
      warehouses: await readLinks(
        tx,
        source,
        'product_app_warehouse',
        shelves.map((shelf) => shelf['warehouse_id'] ?? ''),
      ),
      vendors: await vendorsOf(tx, tools, [...new Set(priced.map(({ row }) => row['owner_id'] ?? 'none'))]),
    }
    const fallback = priced.some(({ row }) => !links.categories.has(row['category_id'] ?? '')) ? await catchAll(tx, tools) : ''
    const slugs = await tx
      .select({ slug: products.slug })
      .from(products)
      .where(sql`${products.slug} = any(${sql.param(priced.map(({ row }) => row['slug'] ?? ''))}::text[])`)
    const taken = new Set(slugs.map(({ slug }) => slug))
    await insertRows(
      tx,
      products,
      priced.map(({ row, oldId, productId }) => ({
        id: productId,
        slug: !row['slug'] || taken.has(row['slug']) ? `legacy-${oldId}` : row['slug'],
        vendorId: links.vendors.get(row['owner_id'] ?? 'none') ?? '',
        categoryId: links.categories.get(row['category_id'] ?? '')?.targetId ?? fallback,
        name: row['name'] ?? `Product ${oldId}`,
        description: row['description'] ?? '',
        keywords: '',
        vatClass: 'standard',
        status:
          row['status'] === 'draft'
            ? 'draft'
            : row['status'] === 'archived' || oldTruth(row['available']) === false
              ? 'archived'
              : 'active',
        sizeGuide: [],
        publishedAt: oldMoment(row['created_at']) ?? tools.clock.now(),
        createdAt: oldMoment(row['created_at']) ?? tools.clock.now(),
        updatedAt: tools.clock.now(),
      })),
    )
    await insertRows(
      tx,
      variants,
      priced.map(({ oldId, productId, variantId, priceMinor }) => ({
        id: variantId,
        productId,
        sku: `LEGACY-${oldId}`,
        size: 'One size',
        colour: 'As pictured',
        colourHex: '#888888',
        priceMinor,
        currency: 'KES',
        status: 'active',
        position: 0,
      })),
    )
    const variantOf = new Map(priced.map(({ oldId, variantId }) => [oldId, variantId]))
    const levels = shelves.flatMap((shelf) => {
      const warehouseId = links.warehouses.get(shelf['warehouse_id'] ?? '')?.targetId
      const variantId = variantOf.get(shelf['product_id'] ?? '')
      const onHand = Number(shelf['quantity'] ?? '0')
      if (warehouseId !== undefined && variantId !== undefined && Number.isInteger(onHand) && onHand >= 0)
        return [{ variantId, warehouseId, onHand, reserved: 0 }]
      report.find({
        sort: 'left',
        kind: 'stock_of_nowhere',
        table: 'product_app_productstock',
        id: shelf['id'] ?? '',
        lands: '',
        says: 'its warehouse was left',
      })
      return []
    })
    await insertRows(tx, stockLevels, levels)
    await insertRows(
      tx,
      stockMoves,
      levels
        .filter(({ onHand }) => onHand > 0)
        .map(({ variantId, warehouseId, onHand }) => ({
          id: ids.next(),
          variantId,
          warehouseId,
          kind: 'received',
          delta: onHand,
          cause: 'legacy opening stock',
          actor: 'system:import',
          createdAt: tools.clock.now(),
        })),
    )
    report.count('product_app_productstock', 'imported', levels.length)
    await writeLinks(
      tx,
      source,
      priced.map(({ oldId, productId }) => ({ table, id: oldId, target: 'products', targetId: productId })),
    )
  })
}

/** Products of an owner belong to the vendor that owner has; an owner without one gets one, and what nobody owned is the house's. */
async function vendorsOf(tx: Tx, tools: ImportTools, owners: readonly string[]): Promise<Map<string, string>> {
  const people = await readLinks(tx, tools.source, 'users_customuser', owners)
  const made = await readLinks(tx, tools.source, 'product_app_product.owner', owners)
  const found = new Map<string, string>()
  for (const owner of owners) {
    const known = made.get(owner)?.targetId
    const accountId = people.get(owner)?.targetId
    const [membership] =
      known !== undefined || accountId === undefined
        ? []
        : await tx
            .select({ vendorId: vendorMembers.vendorId })
            .from(vendorMembers)
            .where(sql`${vendorMembers.accountId} = ${accountId} and ${vendorMembers.role} = 'owner'`)
    found.set(owner, known ?? membership?.vendorId ?? (await openVendor(tx, tools, owner, accountId)))
  }
  return found
}

async function openVendor(tx: Tx, tools: ImportTools, owner: string, accountId: string | undefined): Promise<string> {
  const id = tools.ids.next()
  await insertRows(tx, vendors, [
    {
      id,
      slug: `legacy-${owner === 'none' ? 'house' : `owner-${owner}`}`,
      name: owner === 'none' ? 'Rahim Online' : `Vendor ${owner}`,
      commissionBasisPoints: 0,
      status: 'approved',
      createdAt: tools.clock.now(),
    },
  ])
  if (accountId !== undefined)
    await insertRows(tx, vendorMembers, [
      { vendorId: id, accountId, role: 'owner', scopes: [] as string[], isActive: true, createdAt: tools.clock.now() },
    ])
  await writeLinks(tx, tools.source, [{ table: 'product_app_product.owner', id: owner, target: 'vendors', targetId: id }])
  return id
}

async function catchAll(tx: Tx, tools: ImportTools): Promise<string> {
  const [known] = await tx.select({ id: categories.id }).from(categories).where(eq(categories.slug, 'legacy'))
  if (known !== undefined) return known.id
  const id = tools.ids.next()
  await insertRows(tx, categories, [{ id, slug: 'legacy', name: 'More', nameSw: '', saying: '', motif: 'plain', position: 999 }])
  return id
}

/** What a line is booked on when the old shop no longer says which product it was: never for sale, it only keeps the line. */
export async function lostGoods(tx: Tx, tools: ImportTools): Promise<string> {
  const known = (await readLinks(tx, tools.source, 'product_app_product', ['0'])).get('0')
  if (known !== undefined) return known.targetId
  const id = tools.ids.next()
  const vendorId = (await vendorsOf(tx, tools, ['none'])).get('none') ?? ''
  await insertRows(tx, products, [
    {
      id,
      slug: 'legacy-0',
      vendorId,
      categoryId: await catchAll(tx, tools),
      name: 'Goods of the old shop',
      description: '',
      keywords: '',
      vatClass: 'standard',
      status: 'archived',
      sizeGuide: [],
      createdAt: tools.clock.now(),
      updatedAt: tools.clock.now(),
    },
  ])
  await insertRows(tx, variants, [
    {
      id: tools.ids.next(),
      productId: id,
      sku: 'LEGACY-0',
      size: 'One size',
      colour: 'As pictured',
      colourHex: '#888888',
      priceMinor: 1n,
      currency: 'KES',
      status: 'archived',
      position: 0,
    },
  ])
  await writeLinks(tx, tools.source, [{ table: 'product_app_product', id: '0', target: 'products', targetId: id }])
  return id
}
