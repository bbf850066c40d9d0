import { accounts } from '../../src/domain/accounts/account.table.ts'
import { hashPassword } from '../../src/domain/accounts/hash-password.ts'
import { categories, products, variants } from '../../src/domain/catalog/product.table.ts'
import { stockLevels, stockMoves } from '../../src/domain/catalog/stock.table.ts'
import { warehouses } from '../../src/domain/catalog/warehouse.table.ts'
import { deliveryCounties, deliveryZones, drivers } from '../../src/domain/delivery/delivery.table.ts'
import { vendorMembers, vendors } from '../../src/domain/vendors/vendor.table.ts'
import type { Context } from '../../src/context.ts'

/** The password of every account a test makes. */
export const testPassword = 'a password only tests know'
let passwordHash: Promise<string> | undefined

/** What every test shop has: one vendor, two warehouses, two counties, and a way to make more of everything. */
export interface Catalogue {
  readonly vendorId: string
  readonly nairobiId: string
  readonly mombasaId: string
  readonly categoryId: string
}

/** A small catalogue without products. */
export async function makeCatalogue(context: Context): Promise<Catalogue> {
  const { db, ids } = context
  const catalogue = { vendorId: ids.next(), nairobiId: ids.next(), mombasaId: ids.next(), categoryId: ids.next() }
  await db.insert(vendors).values({
    id: catalogue.vendorId,
    slug: 'kariokor',
    name: 'Kariokor Looms',
    town: 'Nairobi',
    commissionBasisPoints: 200,
    status: 'approved',
  })
  await db.insert(warehouses).values([
    { id: catalogue.nairobiId, code: 'NBO', name: 'Nairobi', address: 'Enterprise Road', lat: -1.3067, lng: 36.8559 },
    { id: catalogue.mombasaId, code: 'MBA', name: 'Mombasa', address: 'Moi Avenue', lat: -4.0435, lng: 39.6682 },
  ])
  await db.insert(categories).values({ id: catalogue.categoryId, slug: 'dresses', name: 'Dresses' })
  await db.insert(deliveryZones).values([
    { code: 'city', name: 'Nairobi', feeMinor: 20_000n, daysMin: 0, daysMax: 1 },
    { code: 'coast', name: 'Coast', feeMinor: 45_000n, daysMin: 1, daysMax: 3 },
  ])
  await db.insert(deliveryCounties).values([
    { county: 'Nairobi', zoneCode: 'city', lat: -1.2921, lng: 36.8219 },
    { county: 'Mombasa', zoneCode: 'coast', lat: -4.0435, lng: 39.6682 },
  ])
  return catalogue
}

let serial = 0

/** What a test cares about in a variant; the rest is made up. */
export interface VariantWish {
  readonly priceMinor?: bigint
  /** Pieces in the Nairobi warehouse. */
  readonly stock?: number
  readonly mombasaStock?: number
  readonly vendorId?: string
  readonly vatClass?: string
}

/** One product with one variant that can be bought. */
export async function makeVariant(
  context: Context,
  catalogue: Catalogue,
  wish: VariantWish = {},
): Promise<{ variantId: string; productId: string; slug: string; sku: string }> {
  const { db, ids } = context
  const number = ++serial
  const made = { variantId: ids.next(), productId: ids.next(), slug: `dress-${process.pid}-${number}`, sku: `SKU-${process.pid}-${number}` }
  await db.insert(products).values({
    id: made.productId,
    slug: made.slug,
    vendorId: wish.vendorId ?? catalogue.vendorId,
    categoryId: catalogue.categoryId,
    name: `Kanga dress ${number}`,
    description: 'Cotton, made in Nairobi.',
    vatClass: wish.vatClass ?? 'standard',
    status: 'active',
    publishedAt: context.clock.now(),
  })
  await db.insert(variants).values({
    id: made.variantId,
    productId: made.productId,
    sku: made.sku,
    size: 'M',
    colour: 'Indigo',
    priceMinor: wish.priceMinor ?? 150_000n,
  })
  const shelves = [
    { warehouseId: catalogue.nairobiId, onHand: wish.stock ?? 10 },
    { warehouseId: catalogue.mombasaId, onHand: wish.mombasaStock ?? 0 },
  ]
  for (const { warehouseId, onHand } of shelves) {
    await db.insert(stockLevels).values({ variantId: made.variantId, warehouseId, onHand })
    if (onHand > 0)
      await db.insert(stockMoves).values({
        id: ids.next(),
        variantId: made.variantId,
        warehouseId,
        kind: 'received',
        delta: onHand,
        cause: 'opening stock',
        actor: 'system:test',
      })
  }
  return made
}

/** What a test cares about in a person. */
export interface PersonWish {
  readonly roles?: readonly string[]
  readonly name?: string
  /** Makes the person a member of a vendor. */
  readonly member?: { readonly vendorId: string; readonly role: 'owner' | 'manager' | 'staff'; readonly scopes?: readonly string[] }
  /** Makes the person a rider. */
  readonly isDriver?: boolean
  readonly isOnDuty?: boolean
}

/** An account that can sign in with `testPassword`. */
export async function makePerson(context: Context, wish: PersonWish = {}): Promise<{ accountId: string; email: string; phone: string }> {
  const number = ++serial
  const person = {
    accountId: context.ids.next(),
    email: `person-${process.pid}-${number}@example.co.ke`,
    phone: `2547${String(10_000_000 + ((process.pid * 1_000 + number) % 89_999_999))}`,
  }
  passwordHash ??= hashPassword(testPassword)
  await context.db.insert(accounts).values({
    id: person.accountId,
    email: person.email,
    phone: person.phone,
    name: wish.name ?? `Person ${number}`,
    passwordHash: await passwordHash,
    roles: [...(wish.roles ?? []), ...(wish.isDriver === true ? ['driver'] : [])],
  })
  if (wish.member !== undefined)
    await context.db.insert(vendorMembers).values({
      accountId: person.accountId,
      vendorId: wish.member.vendorId,
      role: wish.member.role,
      scopes: [...(wish.member.scopes ?? [])],
    })
  if (wish.isDriver === true)
    await context.db.insert(drivers).values({ accountId: person.accountId, plate: 'KMFB 123A', isOnDuty: wish.isOnDuty ?? true })
  return person
}

/** What a test cares about in a product with several variants; the rest is made up. */
export interface ProductWish {
  readonly name?: string
  readonly keywords?: string
  readonly description?: string
  readonly categoryId?: string
  readonly vendorId?: string
  readonly status?: 'draft' | 'active' | 'archived'
  readonly publishedAt?: Date
  readonly variants: readonly {
    readonly size: string
    readonly colour: string
    readonly priceMinor?: bigint
    /** Pieces in the Nairobi warehouse. */
    readonly stock?: number
  }[]
}

/** One product with the wished variants, in their order. */
export async function makeProduct(
  context: Context,
  catalogue: Catalogue,
  wish: ProductWish,
): Promise<{ productId: string; slug: string; variantIds: string[] }> {
  const { db, ids } = context
  const number = ++serial
  const made = { productId: ids.next(), slug: `product-${process.pid}-${number}`, variantIds: wish.variants.map(() => ids.next()) }
  await db.insert(products).values({
    id: made.productId,
    slug: made.slug,
    vendorId: wish.vendorId ?? catalogue.vendorId,
    categoryId: wish.categoryId ?? catalogue.categoryId,
    name: wish.name ?? `Kanga dress ${number}`,
    keywords: wish.keywords ?? '',
    description: wish.description ?? '',
    status: wish.status ?? 'active',
    publishedAt: wish.publishedAt ?? context.clock.now(),
  })
  await db.insert(variants).values(
    wish.variants.map(({ size, colour, priceMinor }, position) => ({
      id: made.variantIds[position] ?? '',
      productId: made.productId,
      sku: `P-${process.pid}-${number}-${position}`,
      size,
      colour,
      priceMinor: priceMinor ?? 150_000n,
      position,
    })),
  )
  for (const [at, { stock = 0 }] of wish.variants.entries()) {
    if (stock === 0) continue
    const shelf = { variantId: made.variantIds[at] ?? '', warehouseId: catalogue.nairobiId }
    await db.insert(stockLevels).values({ ...shelf, onHand: stock })
    await db
      .insert(stockMoves)
      .values({ id: ids.next(), ...shelf, kind: 'received', delta: stock, cause: 'opening stock', actor: 'system:test' })
  }
  return made
}
