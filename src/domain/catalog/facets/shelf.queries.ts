import { sql } from 'drizzle-orm'
import type { Db } from '../../../platform/db.ts'

/** A product on sale as the counter of facets knows it. */
export interface ShelfProduct {
  readonly id: string
  readonly category: string
  /** The category above, or null at the top. */
  readonly parent: string | null
  readonly vendor: string
  readonly variants: readonly ShelfVariant[]
}

/** One size and colour of it. */
export interface ShelfVariant {
  readonly size: string
  readonly colour: string
  readonly hex: string
  readonly priceMinor: number
  readonly isFree: boolean
}

const [ofVariant, ofProduct] = ['\u001f', '\u001e']

interface ShelfRow extends Record<string, unknown> {
  id: string
  category: string
  parent: string | null
  vendor: string
  variants: string
}

// Variants as one text a product: ten thousand products are then ten thousand short rows, not a hundred thousand.
const shelf = sql`
  select p.id, c.slug as category, up.slug as parent, d.slug as vendor, string_agg(concat_ws(${ofVariant}::text, v.size, v.colour, v.colour_hex, v.price_minor,
    exists (select 1 from stock_levels s join warehouses w on w.id = s.warehouse_id and w.is_active where s.variant_id = v.id and s.on_hand > s.reserved)), ${ofProduct}::text) as variants
  from products p join categories c on c.id = p.category_id left join categories up on up.id = c.parent_id
  join vendors d on d.id = p.vendor_id and d.status = 'approved' join variants v on v.product_id = p.id and v.status = 'active'
  where p.status = 'active'`

/** Products on sale after an id, in its order, at most so many. */
export async function shelfAfter(db: Db, id: string, most: number): Promise<ShelfProduct[]> {
  const rows = await db.execute<ShelfRow>(sql`
    with k as (
      select p.id from products p join vendors d on d.id = p.vendor_id and d.status = 'approved'
      where p.id > ${id}::uuid and p.status = 'active' and exists (select 1 from variants v where v.product_id = p.id and v.status = 'active') order by p.id limit ${most}
    )
    ${shelf} and p.id in (select id from k) group by p.id, c.slug, up.slug, d.slug order by p.id`)
  return rows.map(read)
}

/** Those of some products that are on sale. */
export async function shelfOf(db: Db, ids: readonly string[]): Promise<ShelfProduct[]> {
  const rows = await db.execute<ShelfRow>(
    sql`${shelf} and p.id = any(${sql.param([...ids])}::uuid[]) group by p.id, c.slug, up.slug, d.slug`,
  )
  return rows.map(read)
}

const read = ({ id, category, parent, vendor, variants }: ShelfRow): ShelfProduct => ({
  id,
  category,
  parent,
  vendor,
  variants: variants.split(ofProduct).map((text) => {
    const [size = '', colour = '', hex = '', price = '', free = ''] = text.split(ofVariant)
    return { size, colour, hex, priceMinor: Number(price), isFree: free === 't' }
  }),
})
