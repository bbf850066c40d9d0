import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { type Actor, actorLabel } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { isUpgradeRequest } from '../../platform/realtime/hub.ts'
import { refuseForeignOrigin } from '../../platform/realtime/refuse-foreign-origin.ts'
import { chooseSubprotocol } from '../../platform/realtime/subprotocol.ts'
import { completeRun } from '../../workflows/dispatch/complete-run.ts'
import { failReasons, failRun } from '../../workflows/dispatch/fail-run.ts'
import { startRun } from '../../workflows/dispatch/start-run.ts'
import { DriverDesk, type MoveByFrame } from './driver.desk.ts'
import { openTrack, type TrackRequest } from './open-track.ts'
import { trackV1 } from './track-v1.frames.ts'
import { TrackV1Visit } from './track-v1.visit.ts'
import { TrackVisit } from './track.visit.ts'

/**
 * The live channel of one delivery: `GET /ws/delivery/track/:id` with the delivery's id or number. Who may: the order's owner, the
 * driver assigned now, the vendor of the goods with the scope `delivery`, staff (bearer token, single-use ticket, or session
 * cookie), and whoever holds the order's link or a shared one (`?token=`). Speaks the predecessor's frames, or `track.v1` to
 * whoever asks for that subprotocol.
 */
export const trackSocket = (context: Context) =>
  new Elysia({ tags: ['Realtime'] }).get(
    '/ws/delivery/track/:id',
    async ({ request, params, query }) => {
      await open(context, request, { key: params.id, token: query.token, ticket: query.ticket, since: query.off, dialect: 'old' })
      return undefined as never
    },
    {
      params: t.Object({ id: t.String({ maxLength: 36, description: 'Id or number of the delivery.' }) }),
      query: t.Object({
        token: t.Optional(t.String({ maxLength: 64, description: 'The token of the order’s link or of a shared one.' })),
        ticket: t.Optional(t.String({ maxLength: 64, description: 'A ticket from `POST /api/v1/realtime/tickets`; opens one socket.' })),
        off: t.Optional(
          t.Numeric({ minimum: 0, maximum: 2_147_483_647, multipleOf: 1, description: '`track.v1`: number of the last event heard.' }),
        ),
      }),
      response: {
        101: t.Void({
          description:
            'The socket is open. A snapshot follows: `status_update`, then `position_update`; with `track.v1` `hi`, then `snap`.',
        }),
        ...problems('not_signed_in', 'ticket_invalid', 'cross_site', 'not_allowed', 'not_found', 'upgrade_required', 'too_many_requests'),
      },
      detail: {
        operationId: 'trackDelivery',
        summary: 'Follow a delivery live (WebSocket)',
        description:
          'In: `{"type":"position_update","lat":-1.28,"lng":36.82}` and `{"type":"status","status":"en_route"}` from the driver, `{"type":"ping"}`. Out: `position_update`, `status`, `status_update`, `pong`, `error`. With the subprotocol `track.v1`: tickets, resume, sequence numbers, batches and acknowledgements, described at `/swagger/asyncapi.json`. Closes with 4003 (may not watch any more), 4008 (over), 4009 (signed out), 4102 (too many messages), 4103 (reads too slowly), 4201 (no pong), 1012 (restart: come back).',
        security: [{ bearer: [] }, { session: [] }],
      },
    },
  )

async function open(context: Context, request: Request, asked: TrackRequest): Promise<void> {
  if (!isUpgradeRequest(request)) throw new Refusal('upgrade_required')
  refuseForeignOrigin(context.config, request)
  const isV1 = chooseSubprotocol(request, trackV1) !== undefined
  const { watch, actor, viewers, delivery, address } = await openTrack(context, request, { ...asked, dialect: isV1 ? 'v1' : 'old' })
  const who = { watch, viewers, actor, address, openDesk }
  const visit = isV1 ? new TrackV1Visit(context, who) : new TrackVisit(context, who)
  context.hub.upgrade(request, visit)
  context.log.debug({ delivery: delivery.id, role: watch.role, actor: actorLabel(actor) }, 'tracking opened')
}

const openDesk = (context: Context, actor: Actor): DriverDesk => new DriverDesk(context, actor, moveByFrame(context, actor))

const moveByFrame =
  (context: Context, actor: Actor): MoveByFrame =>
  async ({ deliveryId, to, code, reason, clientId, occurredAt }) => {
    const step = { deliveryId, clientId, occurredAt }
    switch (to) {
      case 'picked_up':
      case 'en_route':
      case 'arriving':
        await startRun(context, actor, to, step)
        return
      case 'delivered':
        await completeRun(context, actor, { ...step, code: typeof code === 'string' ? code : '' })
        return
      case 'failed':
        await failRun(context, actor, { ...step, reason: failReasons.find((known) => known === reason) ?? 'other' })
        return
      default:
        // The predecessor told any word to everybody; here only a move the state table allows is one.
        throw new Refusal('delivery_state')
    }
  }
