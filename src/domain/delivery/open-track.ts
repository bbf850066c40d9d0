import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { requestScope } from '../../platform/http/request-scope.ts'
import { takeTicket } from '../../platform/realtime/tickets.ts'
import { type DeliveryRow, findDelivery } from './delivery.row.ts'
import { deliveryReaders } from './delivery.reader.ts'
import type { Dialect } from './delivery.voices.ts'
import { DeliveryWatch } from './delivery.watch.ts'
import { type Viewer, viewerOf } from './watch-right.ts'

/** How somebody who wants to follow a delivery says who they are. */
export interface TrackRequest {
  readonly key: string
  /** The order's token, or a shared link's. */
  readonly token: string | undefined
  /** A single-use ticket, in place of a header or cookie. */
  readonly ticket: string | undefined
  /** Last event they have heard. */
  readonly since: number | undefined
  readonly dialect: Dialect
}

/** What a ticket stands for. */
export interface TrackTicket {
  readonly actor: Actor
  readonly tokenHash: string | null
  /** Good for this delivery only. */
  readonly deliveryId: string | null
}

/** Somebody let in. */
export interface OpenedTrack {
  readonly watch: DeliveryWatch
  readonly actor: Actor
  readonly viewers: readonly Viewer[]
  readonly delivery: DeliveryRow
  readonly address: string
}

/**
 * Lets somebody follow a delivery: the order's owner, the driver assigned now, the vendor of the goods, staff, whoever holds a
 * link. Refuses with `not_signed_in` for nobody at all, `ticket_invalid`, `not_found`.
 */
export async function openTrack(context: Context, request: Request, asked: TrackRequest): Promise<OpenedTrack> {
  const ticket = asked.ticket === undefined ? undefined : await takeTicket<TrackTicket>(context.redis.command, asked.ticket)
  const actor = ticket?.actor ?? (await context.identify(request))
  const viewers = viewersOf(actor, ticket?.tokenHash ?? (asked.token === undefined ? undefined : sha256Hex(asked.token)))
  if (viewers.length === 0) throw new Refusal('not_signed_in')
  const delivery = await findDelivery(context.db, asked.key)
  if (delivery === undefined) throw new Refusal('not_found')
  if (ticket !== undefined && ticket.deliveryId !== null && ticket.deliveryId !== delivery.id) throw new Refusal('ticket_invalid')
  const { rights: reader } = deliveryReaders(context)
  const rights = await Promise.all(viewers.map((viewer) => reader.read({ deliveryId: delivery.id, viewer })))
  for (const [index, viewer] of viewers.entries()) {
    const right = rights[index]
    if (right?.may !== true) continue
    const watch = new DeliveryWatch(context, {
      deliveryId: delivery.id,
      number: delivery.number,
      viewer,
      role: right.role,
      dialect: asked.dialect,
      since: asked.since,
    })
    return { watch, actor, viewers, delivery, address: requestScope()?.address ?? 'unknown' }
  }
  // To those who are nothing to it, it is not there.
  throw new Refusal('not_found')
}

/** As whom a request may ask: as the person signed in, then as the holder of a link. */
function viewersOf(actor: Actor, tokenHash: string | undefined): Viewer[] {
  const viewers: Viewer[] = []
  if (actor.kind === 'person') viewers.push(viewerOf(actor))
  if (tokenHash !== undefined) viewers.push({ kind: 'link', tokenHash })
  return viewers
}
