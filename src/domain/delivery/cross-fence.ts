import { desc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { DeliveryRow } from './delivery.row.ts'
import type { DeliveryState } from './delivery.states.ts'
import { deliveryEvents } from './delivery.table.ts'
import { crossing, type FenceFix } from './fence.rules.ts'
import type { Fix } from './fix.rules.ts'
import { moveDelivery } from './move-delivery.ts'

/**
 * Lets a delivery arrive by itself when its rider is at the shopper's pin, and takes that back when they ride on. What the rider
 * pressed is never taken back. Without a pin there is no fence: the middle of a county is nobody's door. Answers the state after.
 */
export async function crossFence(
  context: Context,
  actor: Actor,
  row: DeliveryRow,
  state: DeliveryState,
  fixes: { readonly before: FenceFix | undefined; readonly fix: Fix },
): Promise<DeliveryState> {
  const to = row.destIsPinned ? crossing(state, { lat: row.destLat, lng: row.destLng }, fixes.before, fixes.fix) : undefined
  if (to === undefined || (to === 'en_route' && !(await cameByFence(context, row.id)))) return state
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  try {
    await context.db.transaction((tx) =>
      moveDelivery(tx, stamp, { id: row.id, state }, to, { place: fixes.fix, occurredAt: fixes.fix.fixedAt, data: { by: 'fence' } }),
    )
  } catch (error) {
    // The rider pressed a button in the same moment: theirs counts, and its event has told everybody.
    if (error instanceof Refusal && error.code === 'conflict') return state
    throw error
  }
  context.outbox.wake()
  return to
}

async function cameByFence(context: Context, deliveryId: string): Promise<boolean> {
  const [last] = await context.db
    .select({ data: deliveryEvents.data })
    .from(deliveryEvents)
    .where(eq(deliveryEvents.deliveryId, deliveryId))
    .orderBy(desc(deliveryEvents.seq))
    .limit(1)
  return last?.data['by'] === 'fence'
}
