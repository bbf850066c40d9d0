import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../../lib/actor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { PromoTerms } from '../promotions/promo.rules.ts'
import type { CartPromo } from './cart.promo.ts'

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
  /** The code the shopper typed, if any. */
  promo?: CartPromo | undefined
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
  promo_code: string | null
  promo: PromoJson | null
  promo_uses: number
}

/** The terms of a code as JSON: amounts as texts, times as ISO texts. */
interface PromoJson {
  id: string
  code: string
  kind: PromoTerms['kind']
  basis_points: number | null
  amount_minor: string | null
  most_discount_minor: string | null
  minimum_minor: string
  starts_at: string
  ends_at: string | null
  total_limit: number | null
  per_person_limit: number | null
  used_count: number
  is_active: boolean
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
    with cart as (select c.id, c.promo_code, c.account_id from carts c where ${own} ${lock ? sql`for update` : sql``})
    select cart.id as cart_id, l.id as line_id, l.variant_id, p.id as product_id, p.vendor_id, d.name as vendor_name, d.commission_basis_points, p.vat_class,
      p.slug, p.name, v.sku, v.size, v.colour, pic.path as picture_path, pic.dominant_hex, l.quantity, l.is_selected, v.price_minor, l.price_seen_minor,
      (select coalesce(sum(s.on_hand - s.reserved), 0)::int from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = v.id) as available,
      (v.status = 'active' and p.status = 'active' and d.status = 'approved') as is_sold,
      cart.promo_code, pr.terms as promo, coalesce(pr.uses, 0)::int as promo_uses
    from cart
    left join lateral (
      select jsonb_build_object('id', x.id, 'code', x.code, 'kind', x.kind, 'basis_points', x.basis_points, 'amount_minor', x.amount_minor::text, 'most_discount_minor', x.most_discount_minor::text,
        'minimum_minor', x.minimum_minor::text, 'starts_at', x.starts_at, 'ends_at', x.ends_at, 'total_limit', x.total_limit, 'per_person_limit', x.per_person_limit, 'used_count', x.used_count, 'is_active', x.is_active) as terms,
        (select count(*) from promo_redemptions r where r.promo_id = x.id and r.account_id = cart.account_id and r.state = 'counted') as uses
      from promos x where x.code = cart.promo_code
    ) pr on true
    left join cart_lines l on l.cart_id = cart.id
    left join variants v on v.id = l.variant_id
    left join products p on p.id = v.product_id
    left join vendors d on d.id = p.vendor_id
    left join lateral (select x.path, x.dominant_hex from product_pictures x where x.product_id = p.id order by (x.colour is distinct from v.colour), x.position limit 1) pic on true
    order by l.created_at, l.id`)
  const [first] = rows
  if (first === undefined) return undefined
  return { id: first.cart_id, lines: rows.filter((row) => row.line_id !== null).map(lineOf), promo: promoOf(first) }
}

function promoOf({ promo_code: code, promo, promo_uses: personUses }: CartRow): CartPromo | undefined {
  if (code === null) return undefined
  const amount = (text: string | null): bigint | null => (text === null ? null : BigInt(text))
  return {
    code,
    personUses,
    terms:
      promo === null
        ? undefined
        : {
            id: promo.id,
            code: promo.code,
            kind: promo.kind,
            basisPoints: promo.basis_points,
            amountMinor: amount(promo.amount_minor),
            mostDiscountMinor: amount(promo.most_discount_minor),
            minimumMinor: BigInt(promo.minimum_minor),
            startsAt: new Date(promo.starts_at),
            endsAt: promo.ends_at === null ? null : new Date(promo.ends_at),
            totalLimit: promo.total_limit,
            perPersonLimit: promo.per_person_limit,
            usedCount: promo.used_count,
            isActive: promo.is_active,
          },
  }
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
