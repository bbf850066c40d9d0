import type { Context } from '../../context.ts'
import { type Actor, actorLabel, isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { enqueue } from '../../platform/outbox.ts'
import { orderMessage } from '../notifications/order-message.ts'
import { noteEvent } from './note-event.ts'
import { orderByNumber } from './order.queries.ts'
import { orderNotes } from './order.table.ts'

/** A note as the database holds it. */
export type OrderNote = typeof orderNotes.$inferSelect

/**
 * Writes a note to an order: the shopper to the shop, staff to the shopper (who is told) or to each other (`staff`, never shown to
 * the shopper). Refuses with not_found for an order that is not one's own, not_allowed for a shopper's note to staff only.
 */
export async function addNote(
  context: Context,
  actor: Actor,
  number: string,
  token: string | undefined,
  note: { readonly body: string; readonly audience: 'shopper' | 'staff' },
): Promise<OrderNote> {
  const staff = isStaff(actor)
  if (note.audience === 'staff' && !staff) throw new Refusal('not_allowed')
  const body = note.body.trim()
  if (body === '') throw new Refusal('invalid_input', { fields: [{ path: '/body/body', code: 'empty', message: 'Write something.' }] })
  const reader = { accountId: actor.kind === 'person' ? actor.accountId : undefined, token, isStaff: staff }
  const order = await orderByNumber(context.db, number, reader)
  if (order === undefined) throw new Refusal('not_found')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  const written = await context.db.transaction(async (tx) => {
    const [row] = await tx
      .insert(orderNotes)
      .values({
        id: stamp.ids.next(),
        orderId: order.id,
        audience: note.audience,
        author: actorLabel(actor),
        authorName: staff ? 'Rahim Online' : order.contactName,
        body,
        createdAt: stamp.now,
      })
      .returning()
    if (row === undefined) throw new Error('the note was not written')
    await noteEvent(tx, stamp, {
      orderId: order.id,
      state: order.state,
      kind: 'note',
      reason: body,
      data: { noteId: row.id, audience: note.audience },
    })
    if (staff && note.audience === 'shopper') await enqueue(tx, stamp, orderMessage('note', order.id, row.id))
    return row
  })
  context.outbox.wake()
  return written
}
