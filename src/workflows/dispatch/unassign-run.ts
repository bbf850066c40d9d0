import type { Context } from '../../context.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { mustDispatch } from '../../domain/delivery/delivery.rights.ts'
import { unassignDriver } from '../../domain/delivery/unassign-driver.ts'
import type { Actor } from '../../lib/actor.ts'
import { followDeliveries } from './follow-deliveries.ts'
import { inOneCommit } from './in-one-commit.ts'
import { lockRun } from './lock-run.ts'

/**
 * Staff or the vendor of the goods take a delivery back from its driver; the order is packed again when it was the only one out.
 * Refuses with `not_allowed`, `not_found`, `delivery_state` once the ride has begun, `order_state`.
 */
export async function unassignRun(context: Context, actor: Actor, input: { deliveryId: string; reason: string }): Promise<DeliveryRow> {
  return inOneCommit(context, actor, async (tx, stamp) => {
    const run = await lockRun(tx, input.deliveryId)
    await mustDispatch(tx, actor, run.delivery)
    if (run.delivery.state === 'pending') return run.delivery
    const free = await unassignDriver(tx, stamp, run.delivery, input.reason)
    await followDeliveries(tx, stamp, run.order, `delivery ${free.number} unassigned`)
    return free
  })
}
