import { sql } from 'drizzle-orm'
import { accounts } from '../../domain/accounts/account.table.ts'
import { hashPassword } from '../../domain/accounts/hash-password.ts'
import { categories, productPictures, products, variants } from '../../domain/catalog/product.table.ts'
import { stockLevels, stockMoves } from '../../domain/catalog/stock.table.ts'
import { warehouses } from '../../domain/catalog/warehouse.table.ts'
import { deliveryCounties, deliveryZones, drivers } from '../../domain/delivery/delivery.table.ts'
import { vendorMembers, vendors } from '../../domain/vendors/vendor.table.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { parsePhone } from '../../lib/phone.ts'
import { after, days } from '../../lib/time.ts'
import type { Db, Tx } from '../../platform/db.ts'
import type { Media } from '../../platform/media.ts'
import { dominantColour, drawGarment, type View } from './draw-garment.ts'
import type { SeedProduct, SeedRole } from './seed.types.ts'
import { story } from './story.ts'

/** What the loader writes with. */
export interface SeedTools {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly media: Media
}

/** What was written; all zero when the shop was already open. */
export interface Seeded {
  readonly products: number
  readonly variants: number
  readonly pictures: number
  readonly people: number
}

// Postgres takes at most 65,534 parameters in a statement; the widest row here has 13.
const rowsAtOnce = 2_000
// Spells nothing; only has to differ from the other advisory locks.
const seedLock = 491_260_469_614

/**
 * Opens the demo shop: categories, vendors, warehouses, delivery zones, people of every role, products with drawn pictures and
 * stock. Writes in one transaction and only into an empty catalogue, so it may be called at every start and by two processes at
 * once. The people share a published password; production refuses to seed.
 */
export async function seedShop(tools: SeedTools): Promise<Seeded> {
  const { db, media } = tools
  const [filled] = await db.execute<{ has: boolean }>(sql`select exists (select 1 from products) as has`)
  if (filled?.has === true) return { products: 0, variants: 0, pictures: 0, people: 0 }
  const pictures = await drawPictures(media)
  const passwordHash = await hashPassword(story.demoPassword)
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${seedLock})`)
    const [raced] = await tx.execute<{ has: boolean }>(sql`select exists (select 1 from products) as has`)
    if (raced?.has === true) return { products: 0, variants: 0, pictures: 0, people: 0 }
    await tx.execute(sql`set local statement_timeout = '60s'`)
    const vendorIds = await seedVendors(tx, tools)
    await seedPeople(tx, tools, vendorIds, passwordHash)
    await seedPlaces(tx)
    const warehouseIds = await seedWarehouses(tx, tools)
    const categoryIds = await seedCategories(tx, tools)
    const written = await seedProducts(tx, tools, { vendorIds, warehouseIds, categoryIds, pictures })
    return { ...written, pictures: pictures.size, people: story.people.length }
  })
}

const need = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value => {
  const value = map.get(key)
  if (value === undefined) throw new Error(`seed: nothing known as ${String(key)}`)
  return value
}

async function insertAll<Row>(rows: readonly Row[], insert: (part: Row[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) await insert(rows.slice(at, at + rowsAtOnce))
}

async function seedVendors(tx: Tx, { ids }: SeedTools): Promise<Map<string, string>> {
  const rows = story.vendors.map(({ slug, name, story: about, town, commissionBasisPoints }) => ({
    id: ids.next(),
    slug,
    name,
    story: about,
    town,
    commissionBasisPoints,
    status: 'approved',
  }))
  await tx.insert(vendors).values(rows)
  return new Map(rows.map((row) => [row.slug, row.id]))
}

const rolesOf: Record<SeedRole, string[]> = {
  admin: ['admin', 'support'],
  support: ['support'],
  driver: ['driver'],
  'vendor-owner': [],
  'vendor-staff': [],
  shopper: [],
}

async function seedPeople(tx: Tx, { ids }: SeedTools, vendorIds: ReadonlyMap<string, string>, passwordHash: string): Promise<void> {
  const people = story.people.map((person) => ({ ...person, id: ids.next() }))
  await tx.insert(accounts).values(
    people.map(({ id, name, email, phone, role }) => ({
      id,
      name,
      email,
      phone: parsePhone(phone) ?? null,
      passwordHash,
      roles: rolesOf[role],
    })),
  )
  const members = people.filter((person) => person.vendorSlug !== undefined)
  await tx.insert(vendorMembers).values(
    members.map(({ id, role, vendorSlug, scopes }) => ({
      vendorId: need(vendorIds, vendorSlug ?? ''),
      accountId: id,
      role: role === 'vendor-owner' ? 'owner' : 'staff',
      scopes: [...(scopes ?? [])],
    })),
  )
  const riders = people.filter((person) => person.role === 'driver')
  await tx
    .insert(drivers)
    .values(
      riders.map(({ id, vehicle, plate }) => ({ accountId: id, vehicle: vehicle ?? 'motorbike', plate: plate ?? '', isOnDuty: true })),
    )
}

async function seedPlaces(tx: Tx): Promise<void> {
  await tx
    .insert(deliveryZones)
    .values(
      story.zones.map(({ code, name, feeKes, daysMin, daysMax }) => ({ code, name, feeMinor: BigInt(feeKes) * 100n, daysMin, daysMax })),
    )
  await tx.insert(deliveryCounties).values(story.counties.map(({ county, zoneCode, lat, lng }) => ({ county, zoneCode, lat, lng })))
}

async function seedWarehouses(tx: Tx, { ids }: SeedTools): Promise<Map<string, string>> {
  const rows = story.warehouses.map((warehouse) => ({ ...warehouse, id: ids.next() }))
  await tx.insert(warehouses).values(rows)
  return new Map(rows.map((row) => [row.code, row.id]))
}

async function seedCategories(tx: Tx, { ids }: SeedTools): Promise<Map<string, string>> {
  const idOf = new Map<string, string>(story.categories.map((category) => [category.slug, ids.next()]))
  await tx.insert(categories).values(
    story.categories.map(({ slug, parentSlug, name, nameSw, saying, motif, position }) => ({
      id: need(idOf, slug),
      slug,
      parentId: parentSlug === null ? null : need(idOf, parentSlug),
      name,
      nameSw,
      saying,
      motif,
      position,
    })),
  )
  return idOf
}

interface Links {
  readonly vendorIds: ReadonlyMap<string, string>
  readonly warehouseIds: ReadonlyMap<string, string>
  readonly categoryIds: ReadonlyMap<string, string>
  readonly pictures: ReadonlyMap<string, string>
}

async function seedProducts(tx: Tx, { ids, clock }: SeedTools, links: Links): Promise<{ products: number; variants: number }> {
  const now = clock.now()
  const written = story.products.map((product, index) => ({
    product,
    id: ids.next(),
    publishedAt: after(now, -days(product.ageDays) - index * 1_000),
  }))
  await insertAll(written, (part) =>
    tx.insert(products).values(
      part.map(({ product, id, publishedAt }) => ({
        id,
        slug: product.slug,
        vendorId: need(links.vendorIds, product.vendorSlug),
        categoryId: need(links.categoryIds, product.categorySlug),
        name: product.name,
        description: product.description,
        keywords: product.keywords,
        status: 'active',
        sizeGuide: product.sizeGuide.map((row) => ({ ...row })),
        publishedAt,
        createdAt: publishedAt,
      })),
    ),
  )
  await insertAll(
    written.flatMap(({ product, id }) =>
      picturesOf(product).map((picture, position) => ({
        ...picture,
        id: ids.next(),
        productId: id,
        path: need(links.pictures, picture.key),
        position,
      })),
    ),
    (part) => tx.insert(productPictures).values(part.map(({ key: _key, ...row }) => row)),
  )
  const shelves = written.flatMap(({ product, id }) =>
    product.variants.map((variant, position) => ({ variant, id: ids.next(), productId: id, position })),
  )
  await insertAll(shelves, (part) =>
    tx.insert(variants).values(
      part.map(({ variant, id, productId, position }) => ({
        id,
        productId,
        sku: variant.sku,
        size: variant.size,
        colour: variant.colourName,
        colourHex: variant.colourHex,
        priceMinor: BigInt(variant.priceKes) * 100n,
        compareAtMinor: variant.compareAtKes === null ? null : BigInt(variant.compareAtKes) * 100n,
        position,
      })),
    ),
  )
  const levels = shelves.flatMap(({ variant, id }) =>
    Object.entries(variant.stock).map(([code, onHand]) => ({ variantId: id, warehouseId: need(links.warehouseIds, code), onHand })),
  )
  await insertAll(levels, (part) => tx.insert(stockLevels).values(part))
  await insertAll(
    levels.filter((level) => level.onHand > 0),
    (part) =>
      tx.insert(stockMoves).values(
        part.map(({ variantId, warehouseId, onHand }) => ({
          id: ids.next(),
          variantId,
          warehouseId,
          kind: 'received',
          delta: onHand,
          cause: 'opening stock',
          actor: 'system:seed',
        })),
      ),
  )
  return { products: written.length, variants: shelves.length }
}

/** The pictures of a product: front and back in each colour, and one look at the cloth. */
function picturesOf(product: SeedProduct) {
  const views: { palette: SeedProduct['colours'][number]; view: View }[] = [
    ...product.colours.map((palette) => ({ palette, view: 'front' as const })),
    ...product.colours.slice(0, 1).map((palette) => ({ palette, view: 'detail' as const })),
    ...product.colours.map((palette) => ({ palette, view: 'back' as const })),
  ]
  return views.map(({ palette, view }) => {
    const colour = product.variants.find((variant) => variant.colour === palette)?.colourName ?? palette
    return {
      key: `${product.slug}-${palette}-${view}`,
      colour,
      alt:
        view === 'detail'
          ? `The cloth of ${product.name} in ${colour.toLowerCase()}, close up`
          : `${product.name} in ${colour.toLowerCase()}, ${view}`,
      width: 640,
      height: 800,
      dominantHex: dominantColour(palette),
    }
  })
}

/** Draws every picture and keeps it under a name with the hash of its content, so that it may be cached for ever. */
async function drawPictures(media: Media): Promise<Map<string, string>> {
  const drawn = story.products.flatMap((product) => {
    const keys = new Map(picturesOf(product).map((picture) => [picture.key, picture]))
    return product.colours.flatMap((palette) =>
      (['front', 'back', 'detail'] as const)
        .filter((view) => keys.has(`${product.slug}-${palette}-${view}`))
        .map((view) => ({
          key: `${product.slug}-${palette}-${view}`,
          svg: drawGarment({
            shape: product.shape,
            palette,
            pattern: product.pattern,
            view,
            seed: `${product.slug}/${palette}`,
            ...(product.saying === null ? {} : { saying: product.saying }),
          }),
        })),
    )
  })
  const named = drawn.map(({ key, svg }) => ({ key, svg, name: `${key}-${Bun.hash(svg).toString(36)}.svg` }))
  await Promise.all(named.map(({ name, svg }) => media.put(name, svg)))
  return new Map(named.map(({ key, name }) => [key, name]))
}
