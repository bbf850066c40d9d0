import { and, eq, sql } from 'drizzle-orm'
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core'
import { actorLabel } from '../../lib/actor.ts'
import type { Place } from '../../lib/geo.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { announceDelivery } from './announce-delivery.ts'
import { eventFacts } from './delivery.facts.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { type DeliveryState, deliveryStates } from './delivery.states.ts'
import { deliveries, deliveryEvents } from './delivery.table.ts'
import { tellPeople } from './tell-people.ts'

/** What changes with the state. */
export interface DeliveryChange {
  /** Set with `assigned`; null with `pending`. */
  readonly driverId?: string | null
  readonly failReason?: string
  /** When it happened, for an action kept on a phone without signal; never later than now. */
  readonly occurredAt?: Date
  readonly place?: Place
  /** The phone's own id of the action; a repeat is recognised by it. */
  readonly clientId?: string | undefined
  readonly data?: Record<string, unknown>
}

/** What an event of a move is called; everything else is called like the state it leads to. */
const kindOf = (to: DeliveryState): string => (to === 'pending' ? 'unassigned' : to)

/**
 * Moves a delivery along its state table; the only writer of deliveries.state. The old state stands in the `where`, so of two
 * movers one wins; the event gets the next number, and a message to the watchers commits with it. Refuses with `delivery_state`
 * when the table forbids the move, `conflict` when somebody moved it first.
 */
export async function moveDelivery(
  tx: Tx,
  stamp: Stamp,
  delivery: { id: string; state: DeliveryState },
  to: DeliveryState,
  change: DeliveryChange = {},
): Promise<DeliveryRow> {
  if (!deliveryStates.can(delivery.state, to)) throw new Refusal('delivery_state')
  const before =
    change.driverId === undefined
      ? []
      : await tx.select({ driverId: deliveries.driverId }).from(deliveries).where(eq(deliveries.id, delivery.id)).for('update')
  const at = change.occurredAt === undefined || change.occurredAt > stamp.now ? stamp.now : change.occurredAt
  const [moved] = await tx
    .update(deliveries)
    .set({ state: to, eventCount: sql`${deliveries.eventCount} + 1`, ...consequences(to, at, change) })
    .where(and(eq(deliveries.id, delivery.id), eq(deliveries.state, delivery.state)))
    .returning()
  if (moved === undefined) throw new Refusal('conflict')
  const row = moved as DeliveryRow
  await tx.insert(deliveryEvents).values({
    id: stamp.ids.next(),
    deliveryId: row.id,
    seq: row.eventCount,
    kind: kindOf(to),
    fromState: delivery.state,
    toState: to,
    actor: actorLabel(stamp.actor),
    clientId: change.clientId ?? null,
    occurredAt: at,
    lat: change.place?.lat ?? null,
    lng: change.place?.lng ?? null,
    data: change.data ?? {},
    createdAt: stamp.now,
  })
  await announceDelivery(tx, stamp, {
    deliveryId: row.id,
    version: row.eventCount,
    facts: eventFacts(row, { kind: kindOf(to), state: to, at }),
    // Whoever was assigned or sent away, and everybody at the end, must be asked again whether they may watch.
    recheck: deliveryStates.isFinal(to) || change.driverId !== undefined,
  })
  await tellPeople(tx, stamp, row, before[0]?.driverId ?? null)
  return row
}

/** The columns that follow from the new state. First times are kept when an attempt is repeated. */
function consequences(to: DeliveryState, at: Date, change: DeliveryChange): PgUpdateSetSource<typeof deliveries> {
  const closed = deliveryStates.isFinal(to) ? { closedAt: at } : {}
  const driver =
    change.driverId === undefined ? {} : { driverId: change.driverId, lastLat: null, lastLng: null, lastAccuracyM: null, lastFixAt: null }
  const columns: Record<DeliveryState, PgUpdateSetSource<typeof deliveries>> = {
    pending: { assignedAt: null, pickedUpAt: null },
    assigned: { assignedAt: at, pickedUpAt: null, enRouteAt: null, arrivedAt: null, failReason: null },
    picked_up: { pickedUpAt: sql`coalesce(${deliveries.pickedUpAt}, ${at.toISOString()}::timestamptz)` },
    en_route: { enRouteAt: sql`coalesce(${deliveries.enRouteAt}, ${at.toISOString()}::timestamptz)`, failReason: null },
    arriving: { arrivedAt: sql`coalesce(${deliveries.arrivedAt}, ${at.toISOString()}::timestamptz)` },
    delivered: { deliveredAt: at },
    failed: { failReason: change.failReason ?? 'other' },
    returning: {},
    cancelled: {},
  }
  return { ...columns[to], ...driver, ...closed }
}
