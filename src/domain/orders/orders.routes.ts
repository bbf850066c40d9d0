import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { listOrders, orderByNumber } from './order.queries.ts'
import { orderStates } from './order.states.ts'
import { orderView } from './order.view.ts'
import { OrderPage, OrderShape } from './orders.schema.ts'

/** Reading orders. Placing, paying and cancelling change several nouns and live with the checkout workflow. */
export const ordersRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/orders', tags: ['Orders'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ actor, query, set }) => {
        set.headers['cache-control'] = 'private, no-cache'
        const { items, nextCursor } = await listOrders(context.db, {
          accountId: isStaff(actor) && query.all === 'true' ? undefined : asPerson(actor).accountId,
          state: query.state,
          cursor: query.cursor,
          limit: query.limit ?? 20,
        })
        return { items: items.map(orderView), nextCursor }
      },
      {
        as: 'person',
        query: t.Object({
          all: t.Optional(t.Literal('true', { description: 'Staff only: everybody’s orders.' })),
          state: t.Optional(t.Union(orderStates.all.map((state) => t.Literal(state)))),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 50, multipleOf: 1 })),
        }),
        response: { 200: OrderPage, ...problems('not_signed_in') },
        detail: { operationId: 'listOrders', summary: 'Own orders, newest first' },
      },
    )
    .get(
      '/:number',
      async ({ actor, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const order = await orderByNumber(context.db, params.number, {
          accountId: actor.kind === 'person' ? actor.accountId : undefined,
          token: query.token,
          isStaff: isStaff(actor),
        })
        if (order === undefined) throw new Refusal('not_found')
        return orderView(order)
      },
      {
        as: 'anyone',
        params: t.Object({ number: t.String({ maxLength: 20 }) }),
        query: t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for a guest.' })) }),
        response: { 200: OrderShape, ...problems('not_found') },
        detail: {
          operationId: 'getOrder',
          summary: 'One order',
          description: 'For its owner, staff, or the holder of its token. Anybody else: not found.',
        },
      },
    )
