import { sql } from 'drizzle-orm'
import type { Place } from '../../lib/geo.ts'
import type { Tx } from '../../platform/db.ts'

/**
 * The free driver for a delivery that starts at `origin`: on duty, fewest deliveries in hand, then nearest, then the one who has
 * waited longest for work. The row is locked, and one that is being given work elsewhere is passed over. A step. Undefined when
 * nobody is free.
 */
export async function pickDriver(tx: Tx, origin: Place): Promise<string | undefined> {
  // Degrees are compared on a plane with the longitude shrunk by the latitude: good enough to order riders within one town.
  const [row] = await tx.execute<{ account_id: string }>(sql`
    select d.account_id from drivers d join accounts a on a.id = d.account_id
    where d.is_on_duty and a.status = 'active' and 'driver' = any(a.roles)
    order by
      (select count(*) from deliveries v where v.driver_id = d.account_id and v.state in ('assigned', 'picked_up', 'en_route', 'arriving', 'failed', 'returning')),
      coalesce((d.last_lat - ${origin.lat}) ^ 2 + ((d.last_lng - ${origin.lng}) * cos(radians(${origin.lat}))) ^ 2, 1e9),
      d.last_seen_at nulls first, d.account_id
    limit 1 for update of d skip locked`)
  return row?.account_id
}
