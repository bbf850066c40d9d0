import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { releaseHolds } from '../../domain/catalog/release-holds.ts'
import { releasePromo } from '../../domain/promotions/release-promo.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { systemStamp } from '../../lib/stamp.ts'

/**
 * Expires unpaid orders whose time is up and gives their goods and their use of a code back, one order a commit. An order with a payment that may still
 * come (open or under review) is left alone: nothing is failed on a timer without asking the provider. Several processes may
 * sweep at once; each order is taken by one (SKIP LOCKED). Answers how many expired.
 */
export async function expireUnpaid(context: Context, most = 200): Promise<number> {
  let expired = 0
  while (expired < most) {
    const stamp = systemStamp('expire-unpaid', context)
    const isExpired = await context.payDb.transaction(async (tx) => {
      const [order] = await tx.execute<{ id: string; state: string }>(sql`
        select o.id, o.state from orders o
        where o.state = 'awaiting_payment' and o.expires_at <= ${stamp.now.toISOString()}::timestamptz
          and not exists (select 1 from transactions t where t.order_id = o.id and t.kind = 'charge' and t.state in ('created', 'pending', 'processing', 'review'))
        order by o.expires_at limit 1 for update of o skip locked`)
      if (order === undefined) return false
      await moveOrder(tx, stamp, order, 'expired', 'not paid in time')
      await releasePromo(tx, stamp, order.id)
      await releaseHolds(tx, stamp, order.id)
      return true
    })
    if (!isExpired) break
    expired++
  }
  return expired
}
