import { sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../../lib/page-cursor.ts'
import { isUuid } from '../../../lib/ids.ts'
import type { DbOrTx } from '../../../platform/db.ts'
import type { SizeGuideRow } from '../product.table.ts'

/** A product as its vendor sees it, on sale or not. */
export interface DeskProduct {
  id: string
  vendorId: string
  slug: string
  name: string
  status: string
  category: string
  description: string
  keywords: string
  vatClass: string
  attributes: Record<string, string>
  sizeGuide: SizeGuideRow[]
  publishedAt: string | null
  updatedAt: string
  variants: {
    id: string
    sku: string
    size: string
    colour: string
    colourHex: string
    priceMinor: number
    compareAtMinor: number | null
    lowStockAt: number
    status: string
    onHand: number
    reserved: number
  }[]
  pictures: { id: string; path: string; alt: string; colour: string | null; width: number; height: number; widths: number[] }[]
  relatedIds: string[]
}

const desk = sql`json_build_object(
  'id', p.id, 'vendorId', p.vendor_id, 'slug', p.slug, 'name', p.name, 'status', p.status, 'category', c.slug, 'description', p.description, 'keywords', p.keywords, 'vatClass', p.vat_class,
  'attributes', p.attributes, 'sizeGuide', p.size_guide, 'publishedAt', p.published_at, 'updatedAt', p.updated_at,
  'variants', (select coalesce(json_agg(json_build_object('id', v.id, 'sku', v.sku, 'size', v.size, 'colour', v.colour, 'colourHex', v.colour_hex, 'priceMinor', v.price_minor, 'compareAtMinor', v.compare_at_minor,
      'lowStockAt', v.low_stock_at, 'status', v.status, 'onHand', coalesce(s.on_hand, 0), 'reserved', coalesce(s.reserved, 0)) order by v.status, v.position, v.id), '[]')
    from variants v left join lateral (select sum(l.on_hand) as on_hand, sum(l.reserved) as reserved from stock_levels l where l.variant_id = v.id) s on true where v.product_id = p.id),
  'pictures', (select coalesce(json_agg(json_build_object('id', x.id, 'path', x.path, 'alt', x.alt, 'colour', x.colour, 'width', x.width, 'height', x.height, 'widths', x.widths) order by x.position, x.id), '[]')
    from product_pictures x where x.product_id = p.id),
  'relatedIds', (select coalesce(json_agg(r.related_id order by r.position), '[]') from product_relations r where r.product_id = p.id))`

/** One product of a vendor in any status, or undefined. */
export async function deskProduct(db: DbOrTx, vendorId: string, productId: string): Promise<DeskProduct | undefined> {
  const [row] = await db.execute<{ product: DeskProduct }>(sql`
    select ${desk} as product from products p join categories c on c.id = p.category_id where p.id = ${productId}::uuid and p.vendor_id = ${vendorId}::uuid`)
  return row?.product
}

/** What a list of products at the desk is narrowed by; without a vendor it is everybody's, for staff. */
export interface DeskFilter {
  readonly vendorId: string | undefined
  readonly status?: string | undefined
  readonly q?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Products of a vendor, the last written first, in one statement. */
export async function deskProducts(db: DbOrTx, filter: DeskFilter): Promise<{ items: DeskProduct[]; nextCursor: string | null }> {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 1)
  const last = String(after?.[0] ?? '')
  const text = `%${(filter.q ?? '').trim().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const rows = await db.execute<{ id: string; product: DeskProduct }>(sql`
    select p.id, ${desk} as product from (
      select * from products p
      where (${filter.vendorId ?? null}::uuid is null or p.vendor_id = ${filter.vendorId ?? null}::uuid) and (${filter.status ?? null}::text is null or p.status = ${filter.status ?? null}::text)
        and (${text} = '%%' or p.name ilike ${text} or exists (select 1 from variants v where v.product_id = p.id and v.sku ilike ${text}))
        and ${isUuid(last) ? sql`p.id < ${last}::uuid` : sql`true`}
      order by p.id desc limit ${filter.limit + 1}
    ) p join categories c on c.id = p.category_id order by p.id desc`)
  const kept = rows.slice(0, filter.limit)
  const end = kept.at(-1)
  return {
    items: kept.map(({ product }) => product),
    nextCursor: rows.length > filter.limit && end !== undefined ? encodeCursor([end.id]) : null,
  }
}
