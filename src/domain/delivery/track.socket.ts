import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { type Actor, actorLabel } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { isOwnOrigin } from '../../platform/http/front-door.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { requestScope } from '../../platform/http/request-scope.ts'
import { isUpgradeRequest } from '../../platform/realtime/hub.ts'
import { completeRun } from '../../workflows/dispatch/complete-run.ts'
import { failReasons, failRun } from '../../workflows/dispatch/fail-run.ts'
import { startRun } from '../../workflows/dispatch/start-run.ts'
import { findDelivery } from './delivery.row.ts'
import { positionThrottle } from './position.throttle.ts'
import { type MoveByFrame, TrackVisit } from './track.visit.ts'
import { type Viewer, watchRight, type WatchRole } from './watch-right.ts'

/**
 * The live channel of one delivery: `GET /ws/delivery/track/:id` with the delivery's id or number. Who may: the order's owner, the
 * driver assigned now, the vendor of the goods with the scope `delivery`, staff (session cookie or bearer token), and whoever
 * holds the order's link (`?token=`). A WebSocket carries cookies across sites, so a browser's Origin must be our own.
 */
export const trackSocket = (context: Context) =>
  new Elysia({ tags: ['Realtime'] }).get(
    '/ws/delivery/track/:id',
    async ({ request, params, query }) => {
      await openTrack(context, request, params.id, query.token)
      return undefined as never
    },
    {
      params: t.Object({ id: t.String({ maxLength: 36, description: 'Id or number of the delivery.' }) }),
      query: t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for whoever has the link.' })) }),
      response: {
        101: t.Void({ description: 'The socket is open. A snapshot follows: `status_update`, then `position_update`.' }),
        ...problems('not_signed_in', 'cross_site', 'not_allowed', 'not_found', 'upgrade_required', 'too_many_requests'),
      },
      detail: {
        operationId: 'trackDelivery',
        summary: 'Follow a delivery live (WebSocket)',
        description:
          'In: `{"type":"position_update","lat":-1.28,"lng":36.82}` and `{"type":"status","status":"en_route"}` from the driver, `{"type":"ping"}`. Out: `position_update`, `status`, `status_update`, `pong`, `error`. Closes with 4003 (may not watch any more), 4008 (over), 4009 (signed out), 4102 (too many messages), 4103 (reads too slowly), 4201 (no pong), 1012 (restart: come back).',
        security: [{ bearer: [] }, { session: [] }],
      },
    },
  )

async function openTrack(context: Context, request: Request, key: string, token: string | undefined): Promise<void> {
  if (!isUpgradeRequest(request)) throw new Refusal('upgrade_required')
  refuseForeignOrigin(context, request)
  const actor = await context.identify(request)
  const viewers = viewersOf(actor, token)
  if (viewers.length === 0) throw new Refusal('not_signed_in')
  const delivery = await findDelivery(context.db, key)
  if (delivery === undefined) throw new Refusal('not_found')
  const { viewer, role } = await bestRight(context, delivery.id, viewers)
  const visit = new TrackVisit(context, {
    deliveryId: delivery.id,
    actor,
    viewer,
    role,
    address: requestScope()?.address ?? 'unknown',
    throttle: positionThrottle(context),
    move: moveByFrame(context, actor, delivery.id),
  })
  context.hub.upgrade(request, visit)
  context.log.debug({ delivery: delivery.id, role, actor: actorLabel(actor) }, 'tracking opened')
}

function refuseForeignOrigin(context: Context, request: Request): void {
  const origin = request.headers.get('origin')
  // Native apps and scripts send none, and carry no cookie of somebody else's browser.
  if (origin === null) return
  if (origin !== new URL(context.config.publicUrl).origin && !isOwnOrigin(origin, request.headers.get('host') ?? ''))
    throw new Refusal('cross_site')
}

/** As whom a request may ask: as the person signed in, then as the holder of a link. */
function viewersOf(actor: Actor, token: string | undefined): Viewer[] {
  const viewers: Viewer[] = []
  if (actor.kind === 'person') viewers.push({ kind: 'session', sessionId: actor.sessionId })
  if (token !== undefined) viewers.push({ kind: 'link', tokenHash: sha256Hex(token) })
  return viewers
}

async function bestRight(context: Context, deliveryId: string, viewers: readonly Viewer[]): Promise<{ viewer: Viewer; role: WatchRole }> {
  for (const viewer of viewers) {
    const right = await watchRight(context.db, context.clock.now(), deliveryId, viewer)
    if (right.may) return { viewer, role: right.role }
  }
  throw new Refusal('not_allowed')
}

const moveByFrame =
  (context: Context, actor: Actor, deliveryId: string): MoveByFrame =>
  async ({ status, code, reason }) => {
    switch (status) {
      case 'picked_up':
      case 'en_route':
      case 'arriving':
        await startRun(context, actor, status, { deliveryId })
        return
      case 'delivered':
        await completeRun(context, actor, { deliveryId, code: typeof code === 'string' ? code : '' })
        return
      case 'failed':
        await failRun(context, actor, { deliveryId, reason: failReasons.find((known) => known === reason) ?? 'other' })
        return
      default:
        // The predecessor told any word to everybody; here only a move the state table allows is one.
        throw new Refusal('delivery_state')
    }
  }
