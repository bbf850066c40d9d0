import { type SQL, sql } from 'drizzle-orm'
import { isUuid, parseOrderNumber } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import type { DbOrTx } from '../../platform/db.ts'

/** A vendor's part of an order: its own lines only, and of the shopper only where the goods go. */
export interface VendorOrder {
  readonly orderId: string
  readonly number: string
  readonly state: string
  readonly placedAt: Date
  readonly paidAt: Date | null
  readonly promisedFrom: Date
  readonly county: string
  readonly town: string
  readonly grossMinor: bigint
  readonly commissionMinor: bigint
  readonly lines: readonly VendorOrderLine[]
}

/** One of the vendor's lines. */
export interface VendorOrderLine {
  readonly name: string
  readonly sku: string
  readonly size: string
  readonly colour: string
  readonly quantity: number
  readonly packedQuantity: number
  readonly warehouse: string
  readonly totalMinor: bigint
}

/** What a vendor asks for. `to_pack`: sold and not yet wholly packed. */
export interface VendorOrderFilter {
  readonly show: 'to_pack' | 'all'
  readonly number?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** One page of a vendor's orders, newest first: two statements whatever the number. */
export async function vendorOrders(
  db: DbOrTx,
  vendorId: string,
  filter: VendorOrderFilter,
): Promise<{ items: VendorOrder[]; nextCursor: string | null }> {
  const [last] = filter.cursor === undefined ? [] : (decodeCursor(filter.cursor, 1) ?? [])
  const before = typeof last === 'string' && isUuid(last) ? sql`and l.order_id < ${last}::uuid` : sql``
  const ids = await db.execute<{ id: string }>(idsOf(vendorId, filter, before))
  const shown = ids.slice(0, filter.limit).map((row) => row.id)
  const lines = await db.execute<Record<string, string> & { quantity: number; packed: number }>(sql`
    select o.id, o.number, o.state, o.created_at, o.paid_at, o.promised_from, o.county, o.town, l.name, l.sku, l.size, l.colour, l.quantity,
      l.packed_quantity as packed, w.code as warehouse, l.total_minor::text as total, l.commission_minor::text as commission
    from order_lines l join orders o on o.id = l.order_id join warehouses w on w.id = l.warehouse_id
    where l.vendor_id = ${vendorId}::uuid and l.order_id = any(${sql.param(shown)}::uuid[]) order by o.id desc, l.position`)
  const items = shown.flatMap((id) => {
    const own = lines.filter((line) => line['id'] === id)
    return own[0] === undefined ? [] : [vendorOrder(own[0], own)]
  })
  return { items, nextCursor: ids.length > filter.limit && shown.length > 0 ? encodeCursor([shown.at(-1) ?? '']) : null }
}

function idsOf(vendorId: string, filter: VendorOrderFilter, before: SQL): SQL {
  if (filter.number !== undefined) {
    const number = parseOrderNumber(filter.number) ?? ''
    return sql`select distinct l.order_id as id from order_lines l join orders o on o.id = l.order_id
      where l.vendor_id = ${vendorId}::uuid and o.number = ${number}`
  }
  if (filter.show === 'all')
    return sql`select distinct l.order_id as id from order_lines l where l.vendor_id = ${vendorId}::uuid ${before}
      order by l.order_id desc limit ${filter.limit + 1}`
  return sql`select distinct l.order_id as id from orders o join order_lines l on l.order_id = o.id
    where o.state in ('paid', 'awaiting_payment') and l.vendor_id = ${vendorId}::uuid and l.packed_quantity < l.quantity ${before}
      and (o.state = 'paid' or (o.payment_method = 'cod' and exists (
        select 1 from transactions t where t.order_id = o.id and t.kind = 'charge' and t.provider = 'cod' and t.state = 'pending')))
    order by l.order_id desc limit ${filter.limit + 1}`
}

function vendorOrder(
  head: Record<string, unknown>,
  own: readonly (Record<string, string> & { quantity: number; packed: number })[],
): VendorOrder {
  const text = (name: string): string => String(head[name])
  return {
    orderId: text('id'),
    number: text('number'),
    state: text('state'),
    placedAt: new Date(text('created_at')),
    paidAt: head['paid_at'] == null ? null : new Date(text('paid_at')),
    promisedFrom: new Date(text('promised_from')),
    county: text('county'),
    town: text('town'),
    grossMinor: own.reduce((sum, line) => sum + BigInt(line['total'] ?? '0'), 0n),
    commissionMinor: own.reduce((sum, line) => sum + BigInt(line['commission'] ?? '0'), 0n),
    lines: own.map((line) => ({
      name: line['name'] ?? '',
      sku: line['sku'] ?? '',
      size: line['size'] ?? '',
      colour: line['colour'] ?? '',
      quantity: line.quantity,
      packedQuantity: line.packed,
      warehouse: line['warehouse'] ?? '',
      totalMinor: BigInt(line['total'] ?? '0'),
    })),
  }
}
