import { sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../../lib/page-cursor.ts'
import type { DbOrTx } from '../../../platform/db.ts'

/** One row of the sheet: a variant with its shelves. */
export interface StockRow {
  variantId: string
  sku: string
  product: string
  slug: string
  size: string
  colour: string
  lowStockAt: number
  onHand: number
  reserved: number
  isLow: boolean
  shelves: { warehouse: string; onHand: number; reserved: number }[]
}

/** A vendor's variants with what lies where, by SKU, in one statement. With `isLow` only those that run low. */
export async function stockSheet(
  db: DbOrTx,
  filter: { readonly vendorId: string; readonly isLow: boolean; readonly cursor?: string | undefined; readonly limit: number },
): Promise<{ items: StockRow[]; nextCursor: string | null }> {
  const [after] = (filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 1)) ?? []
  const rows = await db.execute<{ row: StockRow }>(sql`
    select json_build_object('variantId', v.id, 'sku', v.sku, 'product', p.name, 'slug', p.slug, 'size', v.size, 'colour', v.colour, 'lowStockAt', v.low_stock_at,
      'onHand', s.on_hand, 'reserved', s.reserved, 'isLow', s.on_hand - s.reserved <= v.low_stock_at, 'shelves', s.shelves) as row
    from products p join variants v on v.product_id = p.id and v.status = 'active'
    cross join lateral (
      select coalesce(sum(l.on_hand), 0)::int as on_hand, coalesce(sum(l.reserved), 0)::int as reserved,
        coalesce(json_agg(json_build_object('warehouse', w.code, 'onHand', coalesce(l.on_hand, 0), 'reserved', coalesce(l.reserved, 0)) order by w.code), '[]') as shelves
      from warehouses w left join stock_levels l on l.warehouse_id = w.id and l.variant_id = v.id where w.is_active
    ) s
    where p.vendor_id = ${filter.vendorId}::uuid and p.status <> 'archived' and v.sku > ${String(after ?? '')}
      and (not ${filter.isLow}::boolean or s.on_hand - s.reserved <= v.low_stock_at)
    order by v.sku limit ${filter.limit + 1}`)
  const kept = rows.slice(0, filter.limit).map(({ row }) => row)
  const last = kept.at(-1)
  return { items: kept, nextCursor: rows.length > filter.limit && last !== undefined ? encodeCursor([last.sku]) : null }
}

/** One move of goods, as a vendor reads it. */
export interface MoveView {
  id: string
  sku: string
  warehouse: string
  kind: string
  delta: number
  cause: string
  actor: string
  at: string
}

/** The last moves of one of a vendor's variants, newest first. */
export async function stockMovesOf(db: DbOrTx, vendorId: string, sku: string, most = 100): Promise<MoveView[]> {
  const rows = await db.execute<{ row: MoveView }>(sql`
    select json_build_object('id', m.id, 'sku', v.sku, 'warehouse', w.code, 'kind', m.kind, 'delta', m.delta, 'cause', m.cause, 'actor', m.actor, 'at', m.created_at) as row
    from variants v join products p on p.id = v.product_id join stock_moves m on m.variant_id = v.id join warehouses w on w.id = m.warehouse_id
    where p.vendor_id = ${vendorId}::uuid and v.sku = ${sku} order by m.created_at desc, m.id desc limit ${most}`)
  return rows.map(({ row }) => row)
}
