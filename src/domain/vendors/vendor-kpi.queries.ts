import { sql } from 'drizzle-orm'
import { after, days as daysMs, nairobi, nairobiDay, nairobiMidnight } from '../../lib/time.ts'
import type { DbOrTx } from '../../platform/db.ts'

/** One Nairobi day of a vendor. Amounts are goods at full price, our commission on them, and what was taken back that day (net). */
export interface KpiDay {
  readonly day: string
  readonly orders: number
  readonly pieces: number
  readonly grossMinor: bigint
  readonly commissionMinor: bigint
  readonly netMinor: bigint
  readonly takenBackMinor: bigint
}

/** What a vendor sees first: today, the days before it, and what waits. */
export interface VendorKpis {
  readonly today: KpiDay
  readonly days: readonly KpiDay[]
  readonly toPack: number
}

type Row = Record<'day' | 'gross' | 'commission' | 'taken', string> & { orders: number; pieces: number }

/**
 * The last `count` Nairobi days of a vendor, today included. Three statements whatever the history: finished days were added up at
 * night, and only what came since is counted now.
 */
export async function vendorKpis(db: DbOrTx, vendorId: string, now: Date, count: number): Promise<VendorKpis> {
  const today = nairobiDay(now)
  const first = nairobiDay(after(now, -daysMs(count - 1)))
  const [closed] = await db.execute<{ day: string | null }>(sql`select max(day)::text as day from vendor_closed_days`)
  const liveFrom = closed?.day == null ? first : nairobiDay(after(new Date(`${closed.day}T12:00:00+03:00`), daysMs(1)))
  const since = nairobiMidnight(liveFrom > first ? liveFrom : first) ?? now
  const rows = await db.execute<Row>(sql`
    select day::text, orders, pieces, gross_minor::text as gross, commission_minor::text as commission, taken_back_minor::text as taken
    from vendor_days where vendor_id = ${vendorId}::uuid and day >= ${first}::date and day < ${liveFrom}::date
    union all
    select day::text, sum(orders)::int, sum(pieces)::int, sum(gross)::text, sum(commission)::text, sum(taken)::text from (
      select (sold_at at time zone ${nairobi})::date as day, 1 as orders, pieces, gross_minor as gross, commission_minor as commission, 0::bigint as taken
      from sub_orders where vendor_id = ${vendorId}::uuid and sold_at >= ${since.toISOString()}::timestamptz
      union all
      select (l.created_at at time zone ${nairobi})::date, 0, 0, 0, 0, l.amount_minor from ledger_entries l
      join transaction_events e on e.id = l.event_id and e.effect not in ('captured', 'payout_made', 'payout_failed')
      where l.vendor_id = ${vendorId}::uuid and l.account = 'vendor_payable' and l.created_at >= ${since.toISOString()}::timestamptz
    ) live group by day`)
  const [waiting] = await db.execute<{ count: number }>(sql`
    select count(*)::int as count from orders o where o.state = 'paid'
      and exists (select 1 from order_lines l where l.order_id = o.id and l.vendor_id = ${vendorId}::uuid and l.packed_quantity < l.quantity)`)
  const known = new Map(rows.map((row) => [row.day, kpiDay(row)]))
  const all = Array.from({ length: count }, (_, index) => {
    const day = nairobiDay(after(now, -daysMs(count - 1 - index)))
    return known.get(day) ?? kpiDay({ day, orders: 0, pieces: 0, gross: '0', commission: '0', taken: '0' })
  })
  const last = all.at(-1) ?? kpiDay({ day: today, orders: 0, pieces: 0, gross: '0', commission: '0', taken: '0' })
  return { today: last, days: all, toPack: waiting?.count ?? 0 }
}

const kpiDay = (row: Row): KpiDay => ({
  day: row.day,
  orders: row.orders,
  pieces: row.pieces,
  grossMinor: BigInt(row.gross),
  commissionMinor: BigInt(row.commission),
  netMinor: BigInt(row.gross) - BigInt(row.commission),
  takenBackMinor: BigInt(row.taken),
})
