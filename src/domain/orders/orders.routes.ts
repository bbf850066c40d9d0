import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { listOrders, orderByNumber } from './order.queries.ts'
import { orderStates } from './order.states.ts'
import { orderView } from './order.view.ts'
import { addNote, type OrderNote } from './add-note.ts'
import { notesOfOrder } from './note.queries.ts'
import { forShopper, timelineOfOrder } from './timeline.queries.ts'
import { NoteBody, NoteList, NoteShape, OrderPage, OrderShape, TimelineShape } from './orders.schema.ts'

const OrderParams = t.Object({ number: t.String({ maxLength: 20 }) })
const TokenQuery = t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for a guest.' })) })

const readerOf = (actor: Actor, token: string | undefined) => ({
  accountId: actor.kind === 'person' ? actor.accountId : undefined,
  token,
  isStaff: isStaff(actor),
})

const noteView = (note: OrderNote) => ({
  id: note.id,
  audience: note.audience,
  author: note.authorName,
  body: note.body,
  createdAt: note.createdAt.toISOString(),
})

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
    .get(
      '/:number/timeline',
      async ({ actor, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const order = await orderByNumber(context.db, params.number, readerOf(actor, query.token))
        if (order === undefined) throw new Refusal('not_found')
        const entries = await timelineOfOrder(context.db, order.id)
        return { items: (isStaff(actor) ? entries : forShopper(entries)).map((entry) => ({ ...entry, at: entry.at.toISOString() })) }
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        response: { 200: TimelineShape, ...problems('not_found') },
        detail: {
          operationId: 'getOrderTimeline',
          summary: 'Everything that happened to an order, oldest first',
          description:
            'Staff see every event of the order, its payments and deliveries with the name of who did it; shoppers what concerns them.',
        },
      },
    )
    .get(
      '/:number/notes',
      async ({ actor, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const order = await orderByNumber(context.db, params.number, readerOf(actor, query.token))
        if (order === undefined) throw new Refusal('not_found')
        return { items: (await notesOfOrder(context.db, order.id, isStaff(actor))).map(noteView) }
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        response: { 200: NoteList, ...problems('not_found') },
        detail: { operationId: 'listOrderNotes', summary: 'What was written about an order' },
      },
    )
    .post(
      '/:number/notes',
      async ({ actor, params, query, body, set }) => {
        set.status = 201
        const note = { body: body.body, audience: body.audience ?? 'shopper' }
        return noteView(await addNote(context, actor, params.number, query.token, note))
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        body: NoteBody,
        response: { 201: NoteShape, ...problems('not_found', 'not_allowed', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'addOrderNote', summary: 'Write to the shop about an order, or to the shopper' },
      },
    )
