import { actorLabel } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { orderEvents } from './order.table.ts'

/** Something that happened to an order and left it where it was. */
export interface OrderEventNote {
  readonly orderId: string
  readonly state: string
  /** `edited`, `note`, `packed_part`, `return_requested`, ... */
  readonly kind: string
  readonly reason?: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** Writes down what happened to an order besides its moves, for its timeline. A step. */
export async function noteEvent(tx: Tx, stamp: Stamp, event: OrderEventNote): Promise<void> {
  await tx.insert(orderEvents).values({
    id: stamp.ids.next(),
    orderId: event.orderId,
    fromState: event.state,
    toState: event.state,
    kind: event.kind,
    actor: actorLabel(stamp.actor),
    reason: event.reason ?? '',
    data: { ...event.data },
    createdAt: stamp.now,
  })
}
