import type { Context } from '../../context.ts'
import { assignDriver } from '../../domain/delivery/assign-driver.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { mustDispatch } from '../../domain/delivery/delivery.rights.ts'
import { unassignDriver } from '../../domain/delivery/unassign-driver.ts'
import type { Actor } from '../../lib/actor.ts'
import { followDeliveries } from './follow-deliveries.ts'
import { inOneCommit } from './in-one-commit.ts'
import { lockRun } from './lock-run.ts'

/**
 * Staff or the vendor of the goods give a delivery to a driver; one that somebody has is taken back first. Refuses with
 * `not_allowed`, `not_found`, `driver_off_duty`, `delivery_state`, `order_state`.
 */
export async function assignRun(context: Context, actor: Actor, input: { deliveryId: string; driverId: string }): Promise<DeliveryRow> {
  return inOneCommit(context, actor, async (tx, stamp) => {
    const run = await lockRun(tx, input.deliveryId)
    await mustDispatch(tx, actor, run.delivery)
    if (run.delivery.driverId === input.driverId && run.delivery.state !== 'failed') return run.delivery
    const free =
      run.delivery.state === 'assigned' || run.delivery.state === 'picked_up'
        ? await unassignDriver(tx, stamp, run.delivery, 'given to another driver')
        : run.delivery
    const assigned = await assignDriver(tx, stamp, free, input.driverId)
    await followDeliveries(tx, stamp, run.order, `delivery ${assigned.number} assigned`)
    return assigned
  })
}
