import { inArray, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { closeCodes } from '../../platform/realtime/close-codes.ts'
import type { EventMessage, PositionMessage, Present, Source, Want, Watch } from '../../platform/realtime/watch.ts'
import { type DeliveryVoices, deliveryVoices } from './delivery.voices.ts'
import type { DeliveryWatch } from './delivery.watch.ts'
import { pastEventFacts, type PositionFacts } from './delivery.facts.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { type DeliveryState, deliveryStates } from './delivery.states.ts'
import { deliveries } from './delivery.table.ts'
import { newestPositions } from './newest-position.ts'
import type { LastPosition } from './position.cache.ts'
import { watchRights } from './watch-right.ts'

/** The most events told again to somebody who comes back; whoever has missed more asks for the whole delivery. */
const mostEvents = 200

/** The deliveries behind the hub's channels: their presents and who may watch, for many at once. */
export interface DeliverySource extends Source {
  readonly voices: DeliveryVoices
}

const sources = new WeakMap<object, DeliverySource>()

/** The source of a process: one for all sockets, so that what they ask for can be asked together. */
export function deliverySource(context: Context): DeliverySource {
  const known = sources.get(context.hub)
  if (known !== undefined) return known
  const { positionShopperPlaces, positionOldFramesPlaces } = context.config.limits
  const made: DeliverySource = {
    voices: deliveryVoices({ shopper: positionShopperPlaces, oldFrames: positionOldFramesPlaces }),
    read: (wants) => readPresents(context, wants),
    check: (watches) => checkWatches(context, watches),
  }
  sources.set(context.hub, made)
  return made
}

const idOf = (channel: string): string => channel.slice(2)

async function readPresents(context: Context, wants: readonly Want[]): Promise<(Present | undefined)[]> {
  const ids = [...new Set(wants.map(({ channel }) => idOf(channel)))]
  const rows = await context.db.select().from(deliveries).where(inArray(deliveries.id, ids))
  const byId = new Map(rows.map((row) => [row.id, row as DeliveryRow]))
  const [events, positions] = await Promise.all([eventsSince(context, wants, byId), newestPositions(context, [...byId.values()])])
  return wants.map(({ channel, since }, index) => {
    const row = byId.get(idOf(channel))
    if (row === undefined) return undefined
    const told = events[index] ?? []
    return {
      version: row.eventCount,
      events: told,
      isComplete: since === undefined || told.length === Math.max(0, row.eventCount - since),
      position: positionMessage(row, positions.get(row.id)),
      facts: { row },
      end: deliveryStates.isFinal(row.state) ? closeCodes.ended : undefined,
    }
  })
}

interface EventRow extends Record<string, unknown> {
  delivery_id: string
  seq: number
  kind: string
  to_state: DeliveryState
  occurred_at: string
}

/** The events each want has missed, in order. Nothing is asked of the database when nobody has missed anything, as on a first visit. */
async function eventsSince(context: Context, wants: readonly Want[], rows: ReadonlyMap<string, DeliveryRow>): Promise<EventMessage[][]> {
  const missed = wants.map(({ channel, since }) => {
    const row = rows.get(idOf(channel))
    return row !== undefined && since !== undefined && since < row.eventCount ? { row, since } : undefined
  })
  const asked = new Map<string, number>()
  for (const each of missed) if (each !== undefined) asked.set(each.row.id, Math.min(each.since, asked.get(each.row.id) ?? each.since))
  if (asked.size === 0) return []
  const list = JSON.stringify([...asked].map(([id, since]) => ({ id, since })))
  const found = await context.db.execute<EventRow>(sql`
    select e.delivery_id, e.seq, e.kind, e.to_state, e.occurred_at
    from jsonb_to_recordset(${list}::text::jsonb) as w(id uuid, since int)
    join delivery_events e on e.delivery_id = w.id and e.seq > w.since and e.seq <= w.since + ${mostEvents}
    order by e.delivery_id, e.seq`)
  return missed.map((each) =>
    each === undefined
      ? []
      : found
          .filter((event) => event.delivery_id === each.row.id && event.seq > each.since && event.seq <= each.row.eventCount)
          .map((event) => ({
            lane: 'event',
            version: event.seq,
            facts: pastEventFacts(each.row, { kind: event.kind, state: event.to_state, at: new Date(event.occurred_at) }),
          })),
  )
}

function positionMessage(row: DeliveryRow, position: LastPosition | undefined): PositionMessage | undefined {
  if (position === undefined) return undefined
  const { lat, lng, ts, accuracyM, speedMps, headingDeg } = position
  const facts: PositionFacts = { deliveryId: row.id, lat, lng, ts, accuracyM, speedMps, headingDeg, state: row.state }
  return { lane: 'position', version: ts, facts }
}

async function checkWatches(context: Context, watches: readonly Watch[]) {
  // Whoever names this source is one of ours.
  const own = watches as readonly DeliveryWatch[]
  const rights = await watchRights(
    context.db,
    context.clock.now(),
    own.map(({ deliveryId, viewer }) => ({ deliveryId, viewer })),
  )
  return own.map((watch, index) => {
    const right = rights[index]
    return right === undefined ? closeCodes.notFound : watch.learn(right)
  })
}
