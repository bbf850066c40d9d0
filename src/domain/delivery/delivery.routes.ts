import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { acceptRun } from '../../workflows/dispatch/accept-run.ts'
import { assignRun } from '../../workflows/dispatch/assign-run.ts'
import { completeRun } from '../../workflows/dispatch/complete-run.ts'
import { failRun } from '../../workflows/dispatch/fail-run.ts'
import { startRun } from '../../workflows/dispatch/start-run.ts'
import { unassignRun } from '../../workflows/dispatch/unassign-run.ts'
import {
  AssignBody,
  DeliverBody,
  DeliveryPage,
  DeliveryParams,
  DeliveryShape,
  DeliveryStateShape,
  DutyBody,
  DutyShape,
  FailBody,
  PositionsBody,
  PositionsShape,
  StepBody,
  TrailShape,
  UnassignBody,
} from './deliveries.schema.ts'
import { type DeliveryDetail, deliveryDetail, listDeliveries, trailOf } from './delivery.queries.ts'
import { deliveryView } from './delivery.view.ts'
import { positionThrottle } from './position.throttle.ts'
import { recordPosition } from './record-position.ts'
import { setDuty } from './set-duty.ts'
import { watchRight, type WatchRole, viewerOf } from './watch-right.ts'

const stepProblems = problems(
  'not_signed_in',
  'not_allowed',
  'not_found',
  'delivery_state',
  'order_state',
  'payment_due',
  'conflict',
  'malformed_json',
  'unsupported_media_type',
)
const dispatchProblems = problems(
  'not_signed_in',
  'not_allowed',
  'not_found',
  'delivery_state',
  'order_state',
  'driver_off_duty',
  'conflict',
  'malformed_json',
  'unsupported_media_type',
)

/** Deliveries over HTTP: everything the tracking socket does, and what dispatchers do. */
export const deliveryRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Deliveries'] })
    .use(actorGuard(context.identify))
    .get(
      '/deliveries',
      async ({ actor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const person = asPerson(actor)
        if (!isStaff(person) && !person.roles.includes('driver')) throw new Refusal('not_allowed')
        const { items, nextCursor } = await listDeliveries(context.db, {
          driverId: isStaff(person) ? undefined : person.accountId,
          state: query.state,
          cursor: query.cursor,
          limit: query.limit ?? 20,
        })
        const role = isStaff(person) ? 'staff' : 'driver'
        return { items: await Promise.all(items.map((item) => deliveryView(context, item, role))), nextCursor }
      },
      {
        as: 'person',
        query: t.Object({
          state: t.Optional(DeliveryStateShape),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 50, multipleOf: 1 })),
        }),
        response: { 200: DeliveryPage, ...problems('not_signed_in', 'not_allowed') },
        detail: {
          operationId: 'listDeliveries',
          summary: 'Deliveries, newest first',
          description: 'A driver sees their own, staff see all.',
        },
      },
    )
    .get(
      '/deliveries/:id',
      async ({ actor, params, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { delivery, role } = await mustSee(context, actor, params.id)
        return deliveryView(context, delivery, role)
      },
      {
        as: 'person',
        params: DeliveryParams,
        response: { 200: DeliveryShape, ...problems('not_signed_in', 'not_found') },
        detail: {
          operationId: 'getDelivery',
          summary: 'One delivery',
          description: 'For its driver, the order’s owner, the vendor of the goods and staff; each sees what concerns them.',
        },
      },
    )
    .get(
      '/deliveries/:id/trail',
      async ({ actor, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { delivery, role } = await mustSee(context, actor, params.id)
        // Where the rider went before and after is theirs; a shopper sees the dot, not the way.
        if (role === 'owner' || role === 'link') throw new Refusal('not_allowed')
        const points = await trailOf(context.db, delivery.id, new Date(query.since ?? 0), query.limit ?? 200)
        return { points: points.map((point) => ({ lat: point.lat, lng: point.lng, at: point.at.toISOString() })) }
      },
      {
        as: 'person',
        params: DeliveryParams,
        query: t.Object({
          since: t.Optional(t.String({ format: 'date-time' })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 1_000, multipleOf: 1 })),
        }),
        response: { 200: TrailShape, ...problems('not_signed_in', 'not_allowed', 'not_found') },
        detail: {
          operationId: 'getDeliveryTrail',
          summary: 'The saved trail',
          description:
            'Oldest first; give the last point’s `at` as `since` for the next part. For the driver, the vendor of the goods and staff.',
        },
      },
    )
    .post(
      '/deliveries/:id/accept',
      async ({ actor, params }) => {
        const { id } = await acceptRun(context, asPerson(actor), params.id)
        return viewFor(context, actor, id)
      },
      {
        as: 'driver',
        params: DeliveryParams,
        response: { 200: DeliveryShape, ...dispatchProblems },
        detail: {
          operationId: 'acceptDelivery',
          summary: 'Take a waiting delivery',
          description: 'Of many drivers one gets it. Accepting one’s own again changes nothing.',
        },
      },
    )
    .post(
      '/deliveries/:id/pickup',
      async ({ actor, params, body }) => {
        const { id } = await startRun(context, actor, 'picked_up', step(params.id, body))
        return viewFor(context, actor, id)
      },
      {
        as: 'person',
        params: DeliveryParams,
        body: t.Optional(StepBody),
        response: { 200: DeliveryShape, ...stepProblems },
        detail: {
          operationId: 'pickUpDelivery',
          summary: 'The goods are with the driver',
          description: 'From now on the order is on the road and the shopper sees the rider.',
        },
      },
    )
    .post(
      '/deliveries/:id/depart',
      async ({ actor, params, body }) => {
        const { id } = await startRun(context, actor, 'en_route', step(params.id, body))
        return viewFor(context, actor, id)
      },
      {
        as: 'person',
        params: DeliveryParams,
        body: t.Optional(StepBody),
        response: { 200: DeliveryShape, ...stepProblems },
        detail: { operationId: 'departDelivery', summary: 'The ride begins', description: 'Also after a failed attempt, for another one.' },
      },
    )
    .post(
      '/deliveries/:id/arrive',
      async ({ actor, params, body }) => {
        const { id } = await startRun(context, actor, 'arriving', step(params.id, body))
        return viewFor(context, actor, id)
      },
      {
        as: 'person',
        params: DeliveryParams,
        body: t.Optional(StepBody),
        response: { 200: DeliveryShape, ...stepProblems },
        detail: { operationId: 'arriveDelivery', summary: 'The driver is at the door' },
      },
    )
    .post(
      '/deliveries/:id/deliver',
      async ({ actor, params, body }) => {
        const { id } = await completeRun(context, actor, { ...step(params.id, body), code: body.code })
        return viewFor(context, actor, id)
      },
      {
        as: 'person',
        params: DeliveryParams,
        body: DeliverBody,
        response: {
          200: DeliveryShape,
          ...problems(
            'not_signed_in',
            'not_allowed',
            'not_found',
            'drop_off_code_wrong',
            'delivery_state',
            'order_state',
            'conflict',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'deliverDelivery',
          summary: 'The goods are handed over',
          description: 'The driver needs the shopper’s four digits and has five tries; `triesLeft` says how many are left.',
        },
      },
    )
    .post(
      '/deliveries/:id/fail',
      async ({ actor, params, body }) => {
        const { id } = await failRun(context, actor, { ...step(params.id, body), reason: body.reason })
        return viewFor(context, actor, id)
      },
      {
        as: 'person',
        params: DeliveryParams,
        body: FailBody,
        response: { 200: DeliveryShape, ...stepProblems },
        detail: { operationId: 'failDelivery', summary: 'Could not deliver' },
      },
    )
    .post(
      '/deliveries/:id/assign',
      async ({ actor, params, body }) => {
        const { id } = await assignRun(context, actor, { deliveryId: params.id, driverId: body.driverId })
        return viewFor(context, actor, id)
      },
      {
        as: 'vendor',
        params: DeliveryParams,
        body: AssignBody,
        response: { 200: DeliveryShape, ...dispatchProblems },
        detail: {
          operationId: 'assignDelivery',
          summary: 'Give a delivery to a driver',
          description: 'Staff, or the vendor of the goods with the scope `delivery`. The driver before, if any, stops seeing it at once.',
        },
      },
    )
    .post(
      '/deliveries/:id/unassign',
      async ({ actor, params, body }) => {
        const { id } = await unassignRun(context, actor, { deliveryId: params.id, reason: body?.reason ?? '' })
        return viewFor(context, actor, id)
      },
      {
        as: 'vendor',
        params: DeliveryParams,
        body: t.Optional(UnassignBody),
        response: { 200: DeliveryShape, ...dispatchProblems },
        detail: {
          operationId: 'unassignDelivery',
          summary: 'Take a delivery back from its driver',
          description: 'Until the ride has begun.',
        },
      },
    )
    .post(
      '/deliveries/:id/positions',
      async ({ actor, params, body }) => {
        const person = asPerson(actor)
        const { delivery } = await mustSee(context, actor, params.id)
        const outcome = await recordPosition(context, positionThrottle(context), {
          deliveryId: delivery.id,
          driverId: person.accountId,
          actor,
          fixes: body.fixes.map((fix) =>
            fix.fixedAt === undefined ? { ...fix, fixedAt: undefined } : { ...fix, fixedAt: new Date(fix.fixedAt), isTimed: true },
          ),
        })
        const { isPublished, saved, isOutsideKenya } = outcome
        return { isPublished, saved, isOutsideKenya, refused: outcome.refused.map((one) => ({ ...one })) }
      },
      {
        as: 'driver',
        params: DeliveryParams,
        body: PositionsBody,
        response: { 200: PositionsShape, ...stepProblems },
        detail: {
          operationId: 'reportPositions',
          summary: 'Send positions',
          description: 'The twin of the socket’s `position_update`, for batches kept without signal. Only the driver assigned now.',
        },
      },
    )
    .post(
      '/drivers/me/duty',
      async ({ actor, body }) => {
        await setDuty(context.db, asPerson(actor).accountId, body.isOnDuty)
        return { isOnDuty: body.isOnDuty }
      },
      {
        as: 'driver',
        body: DutyBody,
        response: { 200: DutyShape, ...problems('not_signed_in', 'not_allowed', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'setDuty', summary: 'Come on duty or go off', description: 'Only drivers on duty are given work.' },
      },
    )

const step = (deliveryId: string, body: { clientId?: string | undefined; occurredAt?: string | undefined } | null) => ({
  deliveryId,
  clientId: body?.clientId,
  occurredAt: body?.occurredAt === undefined ? undefined : new Date(body.occurredAt),
})

/** A delivery and as what the actor sees it. Refuses with not_found for those who may not know of it. */
async function mustSee(context: Context, actor: Actor, key: string): Promise<{ delivery: DeliveryDetail; role: WatchRole }> {
  const delivery = await deliveryDetail(context.db, key)
  if (delivery === undefined) throw new Refusal('not_found')
  const right = await watchRight(context.db, context.clock.now(), delivery.id, viewerOf(asPerson(actor)))
  if (!right.may) throw new Refusal('not_found')
  return { delivery, role: right.role }
}

const viewFor = async (context: Context, actor: Actor, key: string) => {
  const { delivery, role } = await mustSee(context, actor, key)
  return deliveryView(context, delivery, role)
}
