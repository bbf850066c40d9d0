import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { after, minutes, nairobi, nairobiDay } from '../../lib/time.ts'

/**
 * Adds finished Nairobi days up for all vendors, every day since the last one that was. A day counts as finished some minutes after its
 * midnight, when whatever began on it has committed. Running twice, or in two processes, adds nothing twice.
 */
export async function closeDays(context: Context): Promise<void> {
  const today = nairobiDay(after(context.clock.now(), -minutes(15)))
  await context.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('vendor_closed_days'))`)
    // A long history is added up once; a page's time limit does not suit it.
    await tx.execute(sql`set local statement_timeout = '120s'`)
    const [last] = await tx.execute<{ day: string | null }>(sql`select max(day)::text as day from vendor_closed_days`)
    const from = last?.day ?? '1970-01-01'
    const [open, end] = [
      sql`((${from}::date + 1)::timestamp at time zone ${nairobi})`,
      sql`(${today}::date::timestamp at time zone ${nairobi})`,
    ]
    await tx.execute(sql`
      insert into vendor_days (vendor_id, day, orders, pieces, gross_minor, commission_minor, taken_back_minor)
      select vendor_id, day, sum(orders), sum(pieces), sum(gross), sum(commission), sum(taken) from (
        select vendor_id, (sold_at at time zone ${nairobi})::date as day, 1 as orders, pieces, gross_minor as gross, commission_minor as commission, 0::bigint as taken
        from sub_orders where sold_at >= ${open} and sold_at < ${end}
        union all
        select l.vendor_id, (l.created_at at time zone ${nairobi})::date, 0, 0, 0, 0, l.amount_minor from ledger_entries l
        join transaction_events e on e.id = l.event_id and e.effect not in ('captured', 'payout_made', 'payout_failed')
        where l.account = 'vendor_payable' and l.created_at >= ${open} and l.created_at < ${end}
      ) movements group by vendor_id, day on conflict do nothing`)
    await tx.execute(
      sql`insert into vendor_closed_days (day) select ${today}::date - 1 where ${today}::date - 1 > ${from}::date on conflict do nothing`,
    )
  })
}
