import type { Context } from '../../context.ts'
import { acceptDelivery } from '../../domain/delivery/accept-delivery.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import type { PersonActor } from '../../lib/actor.ts'

/** A driver takes a waiting delivery for themselves. Refuses like `acceptDelivery`. */
export async function acceptRun(context: Context, actor: PersonActor, deliveryId: string): Promise<DeliveryRow> {
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  const delivery = await context.db.transaction((tx) => acceptDelivery(tx, stamp, deliveryId, actor.accountId))
  context.outbox.wake()
  return delivery
}
