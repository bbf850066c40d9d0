import type { Context } from '../../context.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import { deliveryStates } from '../../domain/delivery/delivery.states.ts'
import { mustDrive } from '../../domain/delivery/delivery.rights.ts'
import { type CodeVerdict, tryDropOffCode } from '../../domain/delivery/drop-off-code.ts'
import { forgetLastPosition } from '../../domain/delivery/position.cache.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { advanceRun, isRepeat, type RunStep } from './advance-run.ts'
import { inOneCommit } from './in-one-commit.ts'
import { lockRun } from './lock-run.ts'

/**
 * The goods are handed over: with the shopper's code by the driver, without it by staff. The order is delivered with its last
 * delivery. Refuses with `drop_off_code_wrong` (the try is counted all the same), `not_allowed`, `not_found`, `delivery_state`,
 * `order_state`, `payment_due` while an order to be paid at the door is not: nothing is handed over on a promise.
 */
export async function completeRun(context: Context, actor: Actor, step: RunStep & { readonly code: string }): Promise<DeliveryRow> {
  const outcome = await inOneCommit(context, actor, async (tx, stamp): Promise<{ delivery: DeliveryRow } | { verdict: CodeVerdict }> => {
    const run = await lockRun(tx, step.deliveryId)
    mustDrive(actor, run.delivery)
    if (await isRepeat(tx, run.delivery, 'delivered', step.clientId)) return { delivery: run.delivery }
    if (!deliveryStates.can(run.delivery.state, 'delivered')) throw new Refusal('delivery_state')
    if (!run.order.isPaid) throw new Refusal('payment_due')
    if (!isStaff(actor)) {
      const verdict = await tryDropOffCode(tx, context.config.appSecret, run.delivery.id, step.code)
      if (!verdict.isRight) return { verdict }
    }
    return { delivery: await advanceRun(tx, stamp, run, 'delivered', step, { data: { proof: isStaff(actor) ? 'staff' : 'code' } }) }
  })
  // Refused only now: inside the transaction the refusal would have taken the counted try back.
  if ('verdict' in outcome) throw wrongCode(outcome.verdict)
  await forgetLastPosition(context.redis.command, outcome.delivery.id)
  return outcome.delivery
}

const wrongCode = ({ triesLeft }: CodeVerdict): Refusal =>
  new Refusal('drop_off_code_wrong', {
    detail:
      triesLeft > 0
        ? `That delivery code is not right. ${triesLeft} ${triesLeft === 1 ? 'try' : 'tries'} left.`
        : 'That delivery code is not right and there are no tries left. Call the dispatcher.',
    extra: { triesLeft },
  })
