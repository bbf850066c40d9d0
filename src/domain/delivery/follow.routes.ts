import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { after, seconds } from '../../lib/time.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed, Instant } from '../../platform/http/shapes.ts'
import { eventStream } from '../../platform/realtime/event-stream.ts'
import { keepTicket, ticketSeconds } from '../../platform/realtime/tickets.ts'
import { DeliveryParams } from './deliveries.schema.ts'
import { sseMessage } from './delivery.voices.ts'
import { openTrack, type TrackTicket } from './open-track.ts'
import { revokeShare, shareDelivery, sharesOf } from './share-delivery.ts'

const LinkToken = t.Optional(t.String({ maxLength: 64, description: 'The token of the order’s link, for whoever has no account.' }))
const ShareShape = closed({
  id: t.String(),
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: t.Union([Instant, t.Null()]),
})
const MadeShare = closed({
  id: t.String(),
  token: t.String({ description: 'Shown this once. Give it as `token` to the tracking socket or the stream.' }),
  createdAt: Instant,
  expiresAt: Instant,
})
const TicketBody = closed(
  {
    deliveryId: t.Optional(t.String({ format: 'uuid', description: 'Binds the ticket to one delivery.' })),
    token: LinkToken,
  },
  { examples: [{ deliveryId: '01936f5e-8f2a-7c31-9d7e-2f6b1c0a4e55' }] },
)
const TicketShape = closed({ ticket: t.String({ description: 'Opens one socket: `?ticket=`.' }), expiresAt: Instant })

/** Following a delivery from elsewhere: tickets for sockets, links for others, and a stream where no socket gets through. */
export const followRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Realtime'] })
    .use(actorGuard(context.identify))
    .post(
      '/realtime/tickets',
      async ({ actor, body, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        if (actor.kind !== 'person' && body?.token === undefined) throw new Refusal('not_signed_in')
        const ticket = context.ids.token()
        const content: TrackTicket = {
          actor,
          tokenHash: body?.token === undefined ? null : sha256Hex(body.token),
          deliveryId: body?.deliveryId ?? null,
        }
        await keepTicket(context.redis.command, ticket, content)
        set.status = 201
        return { ticket, expiresAt: after(context.clock.now(), seconds(ticketSeconds)).toISOString() }
      },
      {
        as: 'anyone',
        body: t.Optional(TicketBody),
        response: { 201: TicketShape, ...problems('not_signed_in', 'unavailable', 'malformed_json', 'unsupported_media_type') },
        detail: {
          operationId: 'createRealtimeTicket',
          summary: 'A ticket for one socket',
          description:
            'For clients that cannot send headers with a WebSocket. Works once, within 30 seconds, for whoever is signed in here or holds the link.',
        },
      },
    )
    .get(
      '/deliveries/:id/stream',
      async ({ request, params, query, headers }) => {
        const heard = headers['last-event-id'] ?? query.off
        const opened = await openTrack(context, request, {
          key: params.id,
          token: query.token,
          ticket: query.ticket,
          since: heard === undefined ? undefined : Number(heard),
          dialect: 'sse',
        })
        return eventStream(context.hub, {
          userId: opened.actor.kind === 'person' ? opened.actor.accountId : undefined,
          address: opened.address,
          protocol: undefined,
          watches: [opened.watch],
          ping: () => ': ping\n\n',
          bye: ({ code }, retryMs) =>
            `${retryMs === undefined ? '' : `retry: ${retryMs}\n`}${sseMessage('bye', JSON.stringify({ t: 'bye', c: code }))}`,
          receive: () => {},
          refuse: () => {},
        })
      },
      {
        as: 'anyone',
        params: DeliveryParams,
        headers: t.Object(
          {
            'last-event-id': t.Optional(
              t.String({ pattern: '^\\d{1,9}$', description: 'Number of the last event heard; browsers send it by themselves.' }),
            ),
          },
          { additionalProperties: true },
        ),
        query: t.Object({
          token: LinkToken,
          ticket: t.Optional(t.String({ maxLength: 64 })),
          off: t.Optional(t.String({ pattern: '^\\d{1,9}$', description: 'The same as `Last-Event-ID`, for the first time.' })),
        }),
        response: {
          200: t.Any({ description: '`text/event-stream`: `snap`, then `pos` and `evt`, whose data are the frames of `track.v1`.' }),
          ...problems('not_signed_in', 'ticket_invalid', 'not_allowed', 'not_found', 'too_many_requests'),
        },
        detail: {
          operationId: 'streamDelivery',
          summary: 'Follow a delivery live (server-sent events)',
          description: 'The twin of the tracking socket for networks that let no WebSocket through. Who may follow is the same.',
        },
      },
    )
    .post(
      '/deliveries/:id/share',
      async ({ request, actor, params, body, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { deliveryId } = await mayShare(context, request, params.id, body?.token)
        const { id, token, createdAt, expiresAt } = await shareDelivery(context, actor, deliveryId)
        set.status = 201
        return { id, token, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }
      },
      {
        as: 'anyone',
        params: DeliveryParams,
        body: t.Optional(closed({ token: LinkToken }, { examples: [{}] })),
        response: { 201: MadeShare, ...problems('not_signed_in', 'not_allowed', 'not_found', 'malformed_json', 'unsupported_media_type') },
        detail: {
          operationId: 'shareDelivery',
          summary: 'Make a link for somebody else',
          description:
            'Whoever has it follows this delivery and sees nothing else of the order: no code, no address, no price. Ends two hours after the delivery, after seven days, or when it is taken back. For the order’s owner, the holder of its link, the vendor of the goods and staff.',
        },
      },
    )
    .get(
      '/deliveries/:id/share',
      async ({ request, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { deliveryId } = await mayShare(context, request, params.id, query.token)
        const shares = await sharesOf(context, deliveryId)
        return {
          items: shares.map(({ id, createdAt, expiresAt, revokedAt }) => ({
            id,
            createdAt: createdAt.toISOString(),
            expiresAt: expiresAt.toISOString(),
            revokedAt: revokedAt?.toISOString() ?? null,
          })),
        }
      },
      {
        as: 'anyone',
        params: DeliveryParams,
        query: t.Object({ token: LinkToken }),
        response: { 200: closed({ items: t.Array(ShareShape) }), ...problems('not_signed_in', 'not_allowed', 'not_found') },
        detail: { operationId: 'listDeliveryShares', summary: 'The links made for a delivery', description: 'Without their tokens.' },
      },
    )
    .delete(
      '/deliveries/:id/share/:shareId',
      async ({ request, params, query, set }) => {
        const { deliveryId } = await mayShare(context, request, params.id, query.token)
        await revokeShare(context, deliveryId, params.shareId)
        set.status = 204
      },
      {
        as: 'anyone',
        params: t.Object({ id: DeliveryParams.properties.id, shareId: t.String({ format: 'uuid' }) }),
        query: t.Object({ token: LinkToken }),
        response: { 204: t.Void(), ...problems('not_signed_in', 'not_allowed', 'not_found') },
        detail: {
          operationId: 'revokeDeliveryShare',
          summary: 'Take a link back',
          description: 'Whoever follows by it is cut at once.',
        },
      },
    )

// A shared link is for looking, and a driver has nothing to share.
async function mayShare(context: Context, request: Request, key: string, token: string | undefined): Promise<{ deliveryId: string }> {
  const { watch } = await openTrack(context, request, { key, token, ticket: undefined, since: undefined, dialect: 'v1' })
  if (watch.role === 'share' || watch.role === 'driver') throw new Refusal('not_allowed')
  return { deliveryId: watch.deliveryId }
}
