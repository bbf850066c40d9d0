import { sql } from 'drizzle-orm'
import type { DeliveryRow } from '../../domain/delivery/delivery.row.ts'
import type { DeliveryState } from '../../domain/delivery/delivery.states.ts'
import { type DeliveryChange, moveDelivery } from '../../domain/delivery/move-delivery.ts'
import type { Place } from '../../lib/geo.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { followDeliveries } from './follow-deliveries.ts'
import type { Run } from './lock-run.ts'

/** What a driver says with each step of a run. */
export interface RunStep {
  /** Id or number. */
  readonly deliveryId: string
  /** The phone's own id of the action; sending it again changes nothing. */
  readonly clientId?: string | undefined
  /** When it happened, if the phone had no signal then. */
  readonly occurredAt?: Date | undefined
  readonly place?: Place | undefined
}

/** Whether this step was done before: by the same phone action, or because the delivery is already there. A step. */
export async function isRepeat(tx: Tx, delivery: DeliveryRow, to: DeliveryState, clientId: string | undefined): Promise<boolean> {
  if (delivery.state === to) return true
  if (clientId === undefined) return false
  const [known] = await tx.execute(
    sql`select 1 from delivery_events where delivery_id = ${delivery.id}::uuid and client_id = ${clientId} limit 1`,
  )
  return known !== undefined
}

/** Moves a locked run and its order after it. A step. Refuses with `delivery_state`, `order_state`. */
export async function advanceRun(
  tx: Tx,
  stamp: Stamp,
  run: Run,
  to: DeliveryState,
  step: RunStep,
  change: DeliveryChange = {},
): Promise<DeliveryRow> {
  const moved = await moveDelivery(tx, stamp, run.delivery, to, {
    ...change,
    clientId: step.clientId,
    ...(step.place === undefined ? {} : { place: step.place }),
    ...(step.occurredAt === undefined ? {} : { occurredAt: notBefore(step.occurredAt, run.delivery.assignedAt) }),
  })
  await followDeliveries(tx, stamp, run.order, `delivery ${moved.number} ${to}`)
  return moved
}

// A phone with a wrong clock must not have picked goods up before it was given them.
const notBefore = (moment: Date, least: Date | null): Date => (least !== null && moment < least ? least : moment)
