import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { orderByNumber } from '../../domain/orders/order.queries.ts'
import { listReturns, returnsOfOrder } from '../../domain/returns/return.queries.ts'
import { returnStates } from '../../domain/returns/return.states.ts'
import {
  ReceiveReturnBody,
  RefuseReturnBody,
  RequestReturnBody,
  ReturnList,
  ReturnPage,
  ReturnShape,
  returnView,
} from '../../domain/returns/returns.schema.ts'
import { isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { cancelReturn, decideReturn } from './decide-return.ts'
import { receiveReturn } from './receive-return.ts'
import { requestReturn } from './request-return.ts'

const OrderParams = t.Object({ number: t.String({ maxLength: 20 }) })
const TokenQuery = t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for a guest.' })) })
const ById = t.Object({ id: t.String({ maxLength: 36 }) })
const body = ['malformed_json', 'unsupported_media_type'] as const
const refused = ['not_signed_in', 'not_allowed', 'not_found', 'return_state', 'conflict'] as const

/** Goods that come back: asked for by shoppers, decided and received by staff. */
export const returnsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Returns'] })
    .use(actorGuard(context.identify))
    .post(
      '/orders/:number/returns',
      async ({ actor, params, query, body: wish, set }) => {
        set.status = 201
        return returnView(await requestReturn(context, actor, params.number, query.token, wish))
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        body: RequestReturnBody,
        response: { 201: ReturnShape, ...problems('not_found', 'return_state', 'return_late', 'return_exceeds', ...body) },
        detail: {
          operationId: 'requestReturn',
          summary: 'Ask to send goods back',
          description: 'Within seven days of the delivery, line by line with a reason; by account or with the order’s token.',
        },
      },
    )
    .get(
      '/orders/:number/returns',
      async ({ actor, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const order = await orderByNumber(context.db, params.number, {
          accountId: actor.kind === 'person' ? actor.accountId : undefined,
          token: query.token,
          isStaff: isStaff(actor),
        })
        if (order === undefined) throw new Refusal('not_found')
        return { items: (await returnsOfOrder(context.db, order.id)).map(returnView) }
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        response: { 200: ReturnList, ...problems('not_found') },
        detail: { operationId: 'listOrderReturns', summary: 'The returns of an order, newest first' },
      },
    )
    .post(
      '/orders/:number/returns/:id/cancel',
      async ({ actor, params, query }) => returnView(await cancelReturn(context, actor, params.number, query.token, params.id)),
      {
        as: 'anyone',
        params: t.Object({ number: t.String({ maxLength: 20 }), id: t.String({ maxLength: 36 }) }),
        query: TokenQuery,
        response: { 200: ReturnShape, ...problems('not_found', 'return_state', 'conflict') },
        detail: { operationId: 'cancelReturn', summary: 'Call a return off before the goods were received' },
      },
    )
    .get(
      '/admin/returns',
      async ({ query }) => {
        const { items, nextCursor } = await listReturns(context.db, { state: query.state, cursor: query.cursor, limit: query.limit ?? 50 })
        return { items: items.map(returnView), nextCursor }
      },
      {
        as: 'staff',
        query: t.Object({
          state: t.Optional(t.Union(returnStates.all.map((state) => t.Literal(state)))),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: ReturnPage, ...problems('not_signed_in', 'not_allowed') },
        detail: { operationId: 'listReturns', summary: 'Returns, newest first' },
      },
    )
    .post(
      '/admin/returns/:id/approve',
      async ({ actor, params }) => returnView(await decideReturn(context, actor, params.id, { to: 'approved' })),
      {
        as: 'staff',
        params: ById,
        response: { 200: ReturnShape, ...problems(...refused) },
        detail: { operationId: 'approveReturn', summary: 'Agree to a return' },
      },
    )
    .post(
      '/admin/returns/:id/refuse',
      async ({ actor, params, body: { reason } }) => returnView(await decideReturn(context, actor, params.id, { to: 'refused', reason })),
      {
        as: 'staff',
        params: ById,
        body: RefuseReturnBody,
        response: { 200: ReturnShape, ...problems(...refused, ...body) },
        detail: { operationId: 'refuseReturn', summary: 'Refuse a return, with a reason the shopper is told' },
      },
    )
    .post(
      '/admin/returns/:id/receive',
      async ({ actor, params, body: { lines } }) => returnView(await receiveReturn(context, actor, params.id, lines)),
      {
        as: 'staff',
        params: ById,
        body: ReceiveReturnBody,
        response: { 200: ReturnShape, ...problems(...refused, 'refund_exceeds', ...body) },
        detail: {
          operationId: 'receiveReturn',
          summary: 'The goods are here: put them back and pay back',
          description: 'What one person may not send back alone (KES 20,000 of one charge) waits for a second member of staff.',
        },
      },
    )
