import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import type { CartLine } from './cart.queries.ts'

/** So many of a variant. */
export interface WishedLine {
  readonly variantId: string
  readonly quantity: number
}

/** Lines as a bag would hold them, at today's prices, in the order they are wished. A variant that does not exist is left out. */
export async function pricedLines(db: DbOrTx, wishes: readonly WishedLine[]): Promise<CartLine[]> {
  const rows = await db.execute<{
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
    quantity: number
    price_minor: string
    is_sold: boolean
  }>(sql`
    select v.id as variant_id, p.id as product_id, p.vendor_id, d.name as vendor_name, d.commission_basis_points, p.vat_class, p.slug, p.name, v.sku, v.size, v.colour,
      pic.path as picture_path, w.quantity, v.price_minor, (v.status = 'active' and p.status = 'active' and d.status = 'approved') as is_sold
    from unnest(${sql.param(wishes.map(({ variantId }) => variantId))}::uuid[], ${sql.param(wishes.map(({ quantity }) => quantity))}::int[]) with ordinality as w(variant_id, quantity, position)
    join variants v on v.id = w.variant_id
    join products p on p.id = v.product_id
    join vendors d on d.id = p.vendor_id
    left join lateral (select x.path from product_pictures x where x.product_id = p.id order by (x.colour is distinct from v.colour), x.position limit 1) pic on true
    order by w.position`)
  return rows.map((row) => ({
    id: '',
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
    dominantHex: '',
    quantity: row.quantity,
    isSelected: true,
    priceMinor: BigInt(row.price_minor),
    priceSeenMinor: BigInt(row.price_minor),
    available: row.quantity,
    isSold: row.is_sold,
  }))
}
