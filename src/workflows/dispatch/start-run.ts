import type { Context } from '../../context.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { mustDrive } from '../../domain/delivery/delivery.rights.ts'
import type { Actor } from '../../lib/actor.ts'
import { advanceRun, isRepeat, type RunStep } from './advance-run.ts'
import { inOneCommit } from './in-one-commit.ts'
import { lockRun } from './lock-run.ts'

/** The steps of a run before the door: the goods are taken, the ride begins, the rider is there. */
export type StartStep = 'picked_up' | 'en_route' | 'arriving'

/**
 * The driver picks up, sets off or arrives; with the pick-up the order is on the road. Doing a step again changes nothing. Refuses
 * with `not_allowed`, `not_found`, `delivery_state`, `order_state`.
 */
export async function startRun(context: Context, actor: Actor, to: StartStep, step: RunStep): Promise<DeliveryRow> {
  return inOneCommit(context, actor, async (tx, stamp) => {
    const run = await lockRun(tx, step.deliveryId)
    mustDrive(actor, run.delivery)
    return (await isRepeat(tx, run.delivery, to, step.clientId)) ? run.delivery : advanceRun(tx, stamp, run, to, step)
  })
}
