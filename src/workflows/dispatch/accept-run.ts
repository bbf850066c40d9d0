import type { Context } from '../../context.ts'
import { acceptDelivery } from '../../domain/delivery/accept-delivery.ts'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { inOneCommit } from './in-one-commit.ts'

/** A driver takes a waiting delivery for themselves. Refuses like `acceptDelivery`. */
export const acceptRun = (context: Context, actor: PersonActor, deliveryId: string): Promise<DeliveryRow> =>
  inOneCommit(context, actor, (tx, stamp) => acceptDelivery(tx, stamp, deliveryId, actor.accountId))
