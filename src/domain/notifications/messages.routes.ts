import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { parseOrderNumber } from '../../lib/ids.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed, Instant, page } from '../../platform/http/shapes.ts'
import { listMessages, type MessageRow } from './message.queries.ts'

const MessageShape = closed({
  id: t.String(),
  event: t.String(),
  channel: t.String({ description: 'email or sms.' }),
  order: t.Union([t.String(), t.Null()]),
  recipient: t.String(),
  language: t.String(),
  subject: t.String(),
  body: t.String({ description: 'Empty where it held a secret, which is not kept.' }),
  state: t.String({ description: 'queued, sent, failed (never taken) or off (the shop has no way out of that kind).' }),
  attempts: t.Number(),
  lastError: t.Union([t.String(), t.Null()]),
  createdAt: Instant,
  sentAt: t.Union([Instant, t.Null()]),
})

const messageView = (row: MessageRow) => ({
  id: row.id,
  event: row.event,
  channel: row.channel,
  order: row.orderNumber,
  recipient: row.recipient,
  language: row.language,
  subject: row.subject,
  body: row.body,
  state: row.state,
  attempts: row.attempts,
  lastError: row.lastError,
  createdAt: row.createdAt.toISOString(),
  sentAt: row.sentAt?.toISOString() ?? null,
})

/** What people were told, for staff who are asked "did you write to me?". */
export const messagesRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/admin/messages', tags: ['Messages'] }).use(actorGuard(context.identify)).get(
    '',
    async ({ query }) => {
      const orderNumber = query.order === undefined ? undefined : (parseOrderNumber(query.order) ?? query.order)
      const { items, nextCursor } = await listMessages(context.db, {
        orderNumber,
        state: query.state,
        cursor: query.cursor,
        limit: query.limit ?? 50,
      })
      return { items: items.map(messageView), nextCursor }
    },
    {
      as: 'staff',
      query: t.Object({
        order: t.Optional(t.String({ maxLength: 20, description: 'The number of an order.' })),
        state: t.Optional(t.Union([t.Literal('queued'), t.Literal('sent'), t.Literal('failed'), t.Literal('off')])),
        cursor: t.Optional(t.String({ maxLength: 500 })),
        limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
      }),
      response: { 200: page(MessageShape), ...problems('not_signed_in', 'not_allowed') },
      detail: { operationId: 'listMessages', summary: 'Letters and text messages, newest first' },
    },
  )
