import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import type { Actor, PersonActor } from '../../lib/actor.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { requestScope } from '../../platform/http/request-scope.ts'
import { isUpgradeRequest } from '../../platform/realtime/hub.ts'
import { parseFrame } from '../../platform/realtime/parse-frame.ts'
import { refuseForeignOrigin } from '../../platform/realtime/refuse-foreign-origin.ts'
import { chooseSubprotocol } from '../../platform/realtime/subprotocol.ts'
import { takeTicket } from '../../platform/realtime/tickets.ts'
import type { Visit } from '../../platform/realtime/watch.ts'
import { Refusal } from '../../lib/refusal.ts'
import { hiNotifyFrame, notifyV1, oldHelloFrame, readAckFrame } from './notification.frames.ts'
import { NotificationWatch } from './notification.watch.ts'
import { readNotifications } from './read-notifications.ts'

/**
 * What somebody is told, live: `GET /ws/notifications`. Whoever is not signed in is let in, as the predecessor did, and hears
 * nothing but the greeting: there is no channel all of them share. Speaks the predecessor's frames, or `notify.v1`.
 */
export const notificationsSocket = (context: Context) =>
  new Elysia({ tags: ['Realtime'] }).get(
    '/ws/notifications',
    async ({ request, query }) => {
      await open(context, request, query.ticket, query.off)
      return undefined as never
    },
    {
      query: t.Object({
        ticket: t.Optional(t.String({ maxLength: 64, description: 'A ticket from `POST /api/v1/realtime/tickets`; opens one socket.' })),
        off: t.Optional(
          t.Numeric({ minimum: 0, maximum: 2_147_483_647, multipleOf: 1, description: '`notify.v1`: number of the last notice heard.' }),
        ),
      }),
      response: {
        101: t.Void({ description: 'The socket is open. `ws.hello` follows; with `notify.v1` `hi`, then `snap`.' }),
        ...problems('ticket_invalid', 'cross_site', 'upgrade_required', 'too_many_requests'),
      },
      detail: {
        operationId: 'watchNotifications',
        summary: 'Hear notifications live (WebSocket)',
        description:
          'Out: `{"type":"ws.hello","user":"…"}`, then `{"type":"notify","title","message","level","url"}`. With the subprotocol `notify.v1`: numbers, resume and `{"t":"read","o":12}`, described at `/swagger/asyncapi.json`. Closes with 4009 when the session ends.',
        security: [{ bearer: [] }, { session: [] }],
      },
    },
  )

async function open(context: Context, request: Request, ticket: string | undefined, since: number | undefined): Promise<void> {
  if (!isUpgradeRequest(request)) throw new Refusal('upgrade_required')
  refuseForeignOrigin(context.config, request)
  const isV1 = chooseSubprotocol(request, notifyV1) !== undefined
  const actor =
    ticket === undefined ? await context.identify(request) : (await takeTicket<{ actor: Actor }>(context.redis.command, ticket)).actor
  context.hub.upgrade(request, visitOf(context, actor.kind === 'person' ? actor : undefined, { isV1, since }))
}

function visitOf(context: Context, person: PersonActor | undefined, { isV1, since }: { isV1: boolean; since: number | undefined }): Visit {
  const pong = isV1 ? '{"t":"pong"}' : '{"type":"pong"}'
  const refused = isV1 ? '{"t":"err","c":"too_many_requests"}' : '{"type":"error","error":"too_many_requests"}'
  return {
    userId: person?.accountId,
    address: requestScope()?.address ?? 'unknown',
    protocol: isV1 ? notifyV1 : undefined,
    watches: person === undefined ? [] : [new NotificationWatch(context, person, { isV1, since })],
    hello: () => (isV1 ? hiNotifyFrame(context.ids.next(), context.clock.now()) : oldHelloFrame(person?.accountId)),
    ...(isV1
      ? {
          ping: () => '{"t":"ping","x":1}',
          bye: ({ code }, retry) => JSON.stringify({ t: 'bye', c: code, ...(retry === undefined ? {} : { retry }) }),
        }
      : {}),
    refuse: (connection) => void connection.send(refused),
    receive(connection, text) {
      const frame = text === undefined ? undefined : parseFrame(text)
      const word = frame?.['t'] ?? frame?.['type'] ?? frame?.['op']
      if (word === 'pong') return context.hub.heard(connection)
      if (word === 'ping') return void connection.send(pong)
      // The predecessor's socket took nothing in; other words are passed over there.
      if (!isV1) return
      const upTo = frame?.['o']
      if (
        word !== 'read' ||
        person === undefined ||
        typeof upTo !== 'number' ||
        !Number.isSafeInteger(upTo) ||
        upTo < 0 ||
        upTo > 2_147_483_647
      ) {
        connection.send(JSON.stringify({ t: 'err', c: word === 'read' && person === undefined ? 'not_signed_in' : 'invalid_frame' }))
        return
      }
      const isTaken = connection.work(
        async () => void connection.send(readAckFrame(upTo, await readNotifications(context.db, person.accountId, upTo))),
        (error) => {
          context.log.error({ error }, 'notifications could not be marked as read')
          connection.send('{"t":"err","c":"unavailable","retry":2}')
        },
      )
      if (!isTaken) connection.send(refused)
    },
  }
}
