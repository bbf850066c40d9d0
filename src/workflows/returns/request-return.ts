import type { Context } from '../../context.ts'
import { orderMessage } from '../../domain/notifications/order-message.ts'
import { countReturned } from '../../domain/orders/count-returned.ts'
import { noteEvent } from '../../domain/orders/note-event.ts'
import { createReturn, type ReturnWish } from '../../domain/returns/create-return.ts'
import { findReturn, type ReturnWithLines } from '../../domain/returns/return.queries.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { after, days } from '../../lib/time.ts'
import { withRetry } from '../../platform/db-error.ts'
import { enqueue } from '../../platform/outbox.ts'
import { lockOwnOrder } from './lock-own-order.ts'

/** How long after the delivery goods may come back (product.md, section 3). */
export const returnDays = 7

/**
 * A shopper asks to send goods back: so many of these lines, and why; by account or by the order's link. Staff may ask for them, also
 * after the seven days. The order's lock makes askers take turns and the lines' counters let nothing come back twice, so of any
 * number of same requests at once one is made. Refuses with not_found, return_state for an order that is not delivered, return_late,
 * return_exceeds.
 */
export async function requestReturn(
  context: Context,
  actor: Actor,
  number: string,
  token: string | undefined,
  wish: { readonly lines: readonly ReturnWish[]; readonly comment?: string | undefined },
): Promise<ReturnWithLines> {
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  const isOnce = new Set(wish.lines.map(({ lineId }) => lineId)).size === wish.lines.length
  if (!isOnce || !wish.lines.every(({ lineId }) => isUuid(lineId)))
    throw new Refusal('invalid_input', { detail: 'Name each line of the order once.' })
  const made = await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        const order = await lockOwnOrder(tx, actor, number, token)
        if (order.state !== 'delivered' || order.closedAt === null) throw new Refusal('return_state')
        if (stamp.now > after(order.closedAt, days(returnDays)) && !isStaff(actor)) throw new Refusal('return_late')
        // In one order everywhere, as locks are.
        for (const { lineId, quantity } of [...wish.lines].sort((a, b) => (a.lineId < b.lineId ? -1 : 1)))
          if (!(await countReturned(tx, order.id, { lineId, returned: quantity }))) throw new Refusal('return_exceeds')
        const row = await createReturn(tx, stamp, order, { lines: wish.lines, comment: wish.comment?.trim() ?? '' })
        await noteEvent(tx, stamp, {
          orderId: order.id,
          state: order.state,
          kind: 'return_requested',
          reason: row.number,
          data: { returnId: row.id },
        })
        await enqueue(tx, stamp, orderMessage('return_requested', order.id, row.id))
        return row.id
      }),
  )
  context.outbox.wake()
  const found = await findReturn(context.payDb, made)
  if (found === undefined) throw new Error('the return just made is not there')
  return found
}
