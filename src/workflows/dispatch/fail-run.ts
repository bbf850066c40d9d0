import type { Context } from '../../context.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { mustDrive } from '../../domain/delivery/delivery.rights.ts'
import type { Actor } from '../../lib/actor.ts'
import { advanceRun, isRepeat, type RunStep } from './advance-run.ts'
import { inOneCommit } from './in-one-commit.ts'
import { lockRun } from './lock-run.ts'

/** Why a delivery could not be made (design: storefront.md 4.4). */
export const failReasons = ['no_answer', 'wrong_place', 'refused', 'no_money', 'closed', 'accident', 'other'] as const
export type FailReason = (typeof failReasons)[number]

/**
 * The driver could not deliver; the goods are still with them. With no other delivery under way the order is packed again, and
 * setting off once more is another attempt. Refuses with `not_allowed`, `not_found`, `delivery_state`, `order_state`.
 */
export async function failRun(context: Context, actor: Actor, step: RunStep & { readonly reason: FailReason }): Promise<DeliveryRow> {
  return inOneCommit(context, actor, async (tx, stamp) => {
    const run = await lockRun(tx, step.deliveryId)
    mustDrive(actor, run.delivery)
    if (await isRepeat(tx, run.delivery, 'failed', step.clientId)) return run.delivery
    return advanceRun(tx, stamp, run, 'failed', step, { failReason: step.reason, data: { reason: step.reason } })
  })
}
