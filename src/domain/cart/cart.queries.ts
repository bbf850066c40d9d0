import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../../lib/actor.ts'
import type { DbOrTx } from '../../platform/db.ts'

/** One line of a bag with today's price and stock. */
export interface CartLine {
  id: string
  variantId: string
  productId: string
  vendorId: string
  vendorName: string
  commissionBasisPoints: number
  vatClass: string
  slug: string
  name: string
  sku: string
  size: string
  colour: string
  picturePath: string
  dominantHex: string
  quantity: number
  isSelected: boolean
  priceMinor: bigint
  priceSeenMinor: bigint
  available: number
  isSold: boolean
}

/** A visitor's active bag. */
export interface Cart {
  id: string
  lines: CartLine[]
}

interface CartRow extends Record<string, unknown> {
  cart_id: string
  line_id: string | null
  variant_id: string
  product_id: string
  vendor_id: string
  vendor_name: string
  commission_basis_points: number
  vat_class: string
  slug: string
  name: string
  sku: string
  size: string
  colour: string
  picture_path: string | null
  dominant_hex: string | null
  quantity: number
  is_selected: boolean
  price_minor: string
  price_seen_minor: string
  available: number
  is_sold: boolean
}

/** The condition that finds the actor's own active bag; undefined for a visitor who has none yet. */
export function ownActiveCart(actor: Actor): SQL | undefined {
  if (actor.kind === 'person') return sql`c.account_id = ${actor.accountId}::uuid and c.status = 'active'`
  if (actor.kind === 'guest' && actor.cartTokenHash !== undefined)
    return sql`c.token_hash = ${actor.cartTokenHash} and c.account_id is null and c.status = 'active'`
  return undefined
}

/**
 * The actor's active bag with prices, names and stock, in one statement. With `lock` the bag row is locked until the transaction
 * ends, so that two checkouts of one bag take turns.
 */
export async function activeCart(db: DbOrTx, actor: Actor, lock = false): Promise<Cart | undefined> {
  const own = ownActiveCart(actor)
  if (own === undefined) return undefined
  const rows = await db.execute<CartRow>(sql`
    with cart as (select c.id from carts c where ${own} ${lock ? sql`for update` : sql``})
    select cart.id as cart_id, l.id as line_id, l.variant_id, p.id as product_id, p.vendor_id, d.name as vendor_name, d.commission_basis_points, p.vat_class,
      p.slug, p.name, v.sku, v.size, v.colour, pic.path as picture_path, pic.dominant_hex, l.quantity, l.is_selected, v.price_minor, l.price_seen_minor,
      (select coalesce(sum(s.on_hand - s.reserved), 0)::int from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = v.id) as available,
      (v.status = 'active' and p.status = 'active' and d.status = 'approved') as is_sold
    from cart
    left join cart_lines l on l.cart_id = cart.id
    left join variants v on v.id = l.variant_id
    left join products p on p.id = v.product_id
    left join vendors d on d.id = p.vendor_id
    left join lateral (select x.path, x.dominant_hex from product_pictures x where x.product_id = p.id order by (x.colour is distinct from v.colour), x.position limit 1) pic on true
    order by l.created_at, l.id`)
  const [first] = rows
  if (first === undefined) return undefined
  return { id: first.cart_id, lines: rows.filter((row) => row.line_id !== null).map(lineOf) }
}

const lineOf = (row: CartRow): CartLine => ({
  id: row.line_id ?? '',
  variantId: row.variant_id,
  productId: row.product_id,
  vendorId: row.vendor_id,
  vendorName: row.vendor_name,
  commissionBasisPoints: row.commission_basis_points,
  vatClass: row.vat_class,
  slug: row.slug,
  name: row.name,
  sku: row.sku,
  size: row.size,
  colour: row.colour,
  picturePath: row.picture_path ?? '',
  dominantHex: row.dominant_hex ?? '#F3EEE5',
  quantity: row.quantity,
  isSelected: row.is_selected,
  priceMinor: BigInt(row.price_minor),
  priceSeenMinor: BigInt(row.price_seen_minor),
  available: row.available,
  isSold: row.is_sold,
})
