import type { Context } from '../../context.ts'
import { orderMessage } from '../../domain/notifications/order-message.ts'
import { countReturned } from '../../domain/orders/count-returned.ts'
import { noteEvent } from '../../domain/orders/note-event.ts'
import { moveReturn } from '../../domain/returns/move-return.ts'
import { findReturn, type ReturnWithLines } from '../../domain/returns/return.queries.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { withRetry } from '../../platform/db-error.ts'
import { enqueue } from '../../platform/outbox.ts'
import { lockOrderById, lockOwnOrder } from './lock-own-order.ts'

/** What becomes of a return before any goods are here. */
export type ReturnDecision =
  { readonly to: 'approved' } | { readonly to: 'refused'; readonly reason: string } | { readonly to: 'cancelled' }

/**
 * Staff agree to a return or refuse it with a reason the shopper is told; what was refused may be asked for again. Refuses with
 * not_found, return_state, conflict.
 */
export async function decideReturn(context: Context, actor: Actor, id: string, decision: ReturnDecision): Promise<ReturnWithLines> {
  return await change(context, actor, id, decision, async (tx, found) => await lockOrderById(tx, found.orderId))
}

/** The shopper calls their own return off, as long as the goods were not received. Refuses with not_found, return_state, conflict. */
export async function cancelReturn(
  context: Context,
  actor: Actor,
  number: string,
  token: string | undefined,
  id: string,
): Promise<ReturnWithLines> {
  return await change(context, actor, id, { to: 'cancelled' }, async (tx) => await lockOwnOrder(tx, actor, number, token))
}

async function change(
  context: Context,
  actor: Actor,
  id: string,
  decision: ReturnDecision,
  lock: (tx: Tx, found: ReturnWithLines) => Promise<{ id: string; state: string }>,
): Promise<ReturnWithLines> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        const asked = await findReturn(tx, id)
        if (asked === undefined) throw new Refusal('not_found')
        const order = await lock(tx, asked)
        if (order.id !== asked.orderId) throw new Refusal('not_found')
        const found = (await findReturn(tx, id)) ?? asked
        const refusal = decision.to === 'refused' ? decision.reason.trim() : ''
        await moveReturn(tx, stamp, found, decision.to, { refusal })
        if (decision.to !== 'approved')
          for (const line of found.lines) await countReturned(tx, order.id, { lineId: line.orderLineId, returned: -line.quantity })
        await noteEvent(tx, stamp, {
          orderId: order.id,
          state: order.state,
          kind: `return_${decision.to}`,
          reason: refusal === '' ? found.number : `${found.number}: ${refusal}`,
          data: { returnId: id },
        })
        if (decision.to !== 'cancelled') await enqueue(tx, stamp, orderMessage(`return_${decision.to}`, order.id, id))
      }),
  )
  context.outbox.wake()
  const changed = await findReturn(context.payDb, id)
  if (changed === undefined) throw new Refusal('not_found')
  return changed
}
