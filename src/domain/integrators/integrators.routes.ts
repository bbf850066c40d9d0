import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed } from '../../platform/http/shapes.ts'
import { vendorQuery, vendorRefusals } from '../vendors/vendor-guard.ts'
import { changeEndpoint, makeEndpoint } from './change-endpoint.ts'
import { endpointOwner } from './endpoint.owner.ts'
import { deliveriesOf, endpointsOf } from './endpoint.queries.ts'
import {
  ChangeEndpointBody,
  DeliveryPage,
  deliveryView,
  EndpointShape,
  endpointView,
  MakeEndpointBody,
  SecretShape,
} from './integrators.schema.ts'

const ById = t.Object({ id: t.String({ maxLength: 64 }) })
const Query = t.Object({ ...vendorQuery })
const body = ['malformed_json', 'unsupported_media_type', 'step_up_required'] as const
const Done = closed({ done: t.Literal(true) })
const done = { done: true as const }

/** Endpoints of integrators: signed messages out (Standard Webhooks), with a log of every try. */
export const integratorsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/webhook-endpoints', tags: ['Outgoing webhooks'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ actor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        return { items: (await endpointsOf(context.db, endpointOwner(actor, query.vendorId))).map(endpointView) }
      },
      {
        as: 'vendor',
        query: Query,
        response: { 200: closed({ items: t.Array(EndpointShape) }), ...problems(...vendorRefusals) },
        detail: { operationId: 'listEndpoints', summary: 'Endpoints of one’s vendor; of the shop for admins who name none' },
      },
    )
    .post(
      '',
      async ({ actor, query, body: wish, set }) => {
        set.status = 201
        return await makeEndpoint(context, asPerson(actor), endpointOwner(actor, query.vendorId), wish)
      },
      {
        as: 'vendor',
        query: Query,
        body: MakeEndpointBody,
        response: { 201: SecretShape, ...problems(...vendorRefusals, ...body, 'webhook_address', 'conflict') },
        detail: {
          operationId: 'makeEndpoint',
          summary: 'Hear of what happens',
          description:
            'Messages are POSTed as JSON and signed as https://www.standardwebhooks.com says: `webhook-id`, `webhook-timestamp`, `webhook-signature` (`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`). Any 2xx within 15 seconds takes a message; otherwise it is tried ten times over three days. A repeat has the same id. An endpoint that takes nothing for five days, or answers 410, is switched off.',
        },
      },
    )
    .patch(
      '/:id',
      async ({ actor, query, params, body: change }) => {
        await changeEndpoint(context, asPerson(actor), endpointOwner(actor, query.vendorId), params.id, { kind: 'change', ...change })
        return done
      },
      {
        as: 'vendor',
        params: ById,
        query: Query,
        body: ChangeEndpointBody,
        response: { 200: Done, ...problems(...vendorRefusals, ...body, 'webhook_address') },
        detail: { operationId: 'changeEndpoint', summary: 'Change an endpoint, or switch it on again' },
      },
    )
    .delete(
      '/:id',
      async ({ actor, query, params }) => {
        await changeEndpoint(context, asPerson(actor), endpointOwner(actor, query.vendorId), params.id, { kind: 'remove' })
        return done
      },
      {
        as: 'vendor',
        params: ById,
        query: Query,
        response: { 200: Done, ...problems(...vendorRefusals) },
        detail: { operationId: 'removeEndpoint', summary: 'Remove an endpoint' },
      },
    )
    .post(
      '/:id/secret',
      async ({ actor, query, params }) => {
        const secret = await changeEndpoint(context, asPerson(actor), endpointOwner(actor, query.vendorId), params.id, { kind: 'rotate' })
        return { id: params.id, secret: secret ?? '' }
      },
      {
        as: 'vendor',
        params: ById,
        query: Query,
        response: { 200: SecretShape, ...problems(...vendorRefusals, 'step_up_required') },
        detail: {
          operationId: 'rotateEndpointSecret',
          summary: 'Give an endpoint a new secret',
          description: 'For a day messages carry both signatures, so that the receiver can change over.',
        },
      },
    )
    .post(
      '/:id/test',
      async ({ actor, query, params }) => {
        await changeEndpoint(context, asPerson(actor), endpointOwner(actor, query.vendorId), params.id, { kind: 'test' })
        return done
      },
      {
        as: 'vendor',
        params: ById,
        query: Query,
        response: { 200: Done, ...problems(...vendorRefusals) },
        detail: { operationId: 'testEndpoint', summary: 'Send an endpoint a test' },
      },
    )
    .get(
      '/:id/deliveries',
      async ({ actor, query, params, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const owner = endpointOwner(actor, query.vendorId)
        const found = await deliveriesOf(context.db, owner, params.id, { cursor: query.cursor, limit: query.limit ?? 20 })
        if (found === undefined) throw new Refusal('not_found')
        return { items: found.items.map(deliveryView), nextCursor: found.nextCursor }
      },
      {
        as: 'vendor',
        params: ById,
        query: t.Object({
          ...vendorQuery,
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: DeliveryPage, ...problems(...vendorRefusals) },
        detail: { operationId: 'listWebhookDeliveries', summary: 'What was sent to an endpoint, with every try' },
      },
    )
    .post(
      '/:id/deliveries/:deliveryId/replay',
      async ({ actor, query, params }) => {
        const deed = { kind: 'replay', deliveryId: params.deliveryId } as const
        await changeEndpoint(context, asPerson(actor), endpointOwner(actor, query.vendorId), params.id, deed)
        return done
      },
      {
        as: 'vendor',
        params: t.Object({ id: t.String({ maxLength: 64 }), deliveryId: t.String({ maxLength: 64 }) }),
        query: Query,
        response: { 200: Done, ...problems(...vendorRefusals) },
        detail: {
          operationId: 'replayWebhookDelivery',
          summary: 'Send a message once more',
          description: 'With the same id and the same bytes.',
        },
      },
    )
