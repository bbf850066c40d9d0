import { eq, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { drivers } from './delivery.table.ts'

/** Whether a driver is on duty; false for somebody who is no driver. */
export async function isOnDuty(db: DbOrTx, driverId: string): Promise<boolean> {
  const [row] = await db.select({ isOnDuty: drivers.isOnDuty }).from(drivers).where(eq(drivers.accountId, driverId))
  return row?.isOnDuty ?? false
}

/** A rider on duty, with how much they have to bring and when their place was last heard of. */
export interface RiderOnDuty {
  readonly id: string
  readonly name: string
  readonly plate: string
  readonly load: number
  readonly seenAt: Date | null
}

/** Riders on duty, those with least to do first. */
export async function ridersOnDuty(db: DbOrTx): Promise<RiderOnDuty[]> {
  const rows = await db.execute<{ id: string; name: string; plate: string; load: number; seen_at: string | Date | null }>(sql`
    select d.account_id as id, a.name, d.plate, d.last_seen_at as seen_at,
      (select count(*)::int from deliveries v where v.driver_id = d.account_id and v.state in ('assigned', 'picked_up', 'en_route', 'arriving')) as load
    from drivers d join accounts a on a.id = d.account_id
    where d.is_on_duty and a.status = 'active' order by load, a.name, d.account_id limit 200`)
  return rows.map(({ seen_at: seenAt, ...row }) => ({ ...row, seenAt: seenAt === null ? null : new Date(seenAt) }))
}
