import { t } from 'elysia'
import { closed, Instant, page } from '../../platform/http/shapes.ts'
import type { deliveriesOf } from './endpoint.queries.ts'
import { type WebhookEvent, webhookEventNames, webhookEvents } from './webhook.events.ts'
import type { webhookEndpoints } from './webhook-endpoint.table.ts'

const Nullable = t.Union([t.String(), t.Null()])
const Types = t.Array(t.Union(webhookEventNames.map((name) => t.Literal(name, { description: webhookEvents[name] }))), {
  minItems: 1,
  maxItems: 50,
  description: webhookEventNames.map((name) => `\`${name}\`: ${webhookEvents[name]}`).join(' '),
})
const Url = t.String({
  maxLength: 500,
  format: 'uri',
  description: 'https only in production, on the internet and not in a private network.',
})

export const EndpointShape = closed({
  id: t.String(),
  vendorId: t.Union([t.String(), t.Null()], { description: 'Null: of the whole shop.' }),
  url: t.String(),
  description: t.String(),
  types: t.Array(t.String()),
  status: t.Union([t.Literal('active'), t.Literal('disabled')]),
  disabledReason: Nullable,
  failingSince: t.Union([Instant, t.Null()]),
  createdAt: Instant,
})
export const MakeEndpointBody = closed(
  { url: Url, types: Types, description: t.Optional(t.String({ maxLength: 200 })) },
  { examples: [{ url: 'https://hooks.duka.co.ke/rahim', types: ['order.paid', 'order.delivered'] }] },
)
export const ChangeEndpointBody = closed({
  url: t.Optional(Url),
  types: t.Optional(Types),
  status: t.Optional(t.Union([t.Literal('active'), t.Literal('disabled')])),
})
export const SecretShape = closed({ id: t.String(), secret: t.String({ description: 'Shown once. `whsec_` and base64.' }) })
export const DeliveryPage = page(
  closed({
    id: t.String(),
    messageId: t.String({ description: 'The `webhook-id`; the same at every try.' }),
    type: t.String(),
    body: t.String(),
    state: t.Union([t.Literal('waiting'), t.Literal('delivered'), t.Literal('given_up')]),
    createdAt: Instant,
    nextAt: t.Union([Instant, t.Null()]),
    deliveredAt: t.Union([Instant, t.Null()]),
    attempts: t.Array(
      closed({
        attempt: t.Number(),
        at: Instant,
        status: t.Union([t.Number(), t.Null()]),
        failure: Nullable,
        answer: t.String(),
        tookMs: t.Number(),
      }),
    ),
  }),
)

/** An endpoint on the wire; its secret is not. */
export const endpointView = (row: typeof webhookEndpoints.$inferSelect) => ({
  id: row.id,
  vendorId: row.vendorId,
  url: row.url,
  description: row.description,
  types: row.types as WebhookEvent[],
  status: row.status as 'active' | 'disabled',
  disabledReason: row.disabledReason,
  failingSince: row.failingSince?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
})

type DeliveryRow = NonNullable<Awaited<ReturnType<typeof deliveriesOf>>>['items'][number]

/** What was sent, on the wire. */
export const deliveryView = ({ delivery, message, attempts }: DeliveryRow) => ({
  id: delivery.id,
  messageId: message.id,
  type: message.type,
  body: message.body,
  state: delivery.state as 'waiting' | 'delivered' | 'given_up',
  createdAt: delivery.createdAt.toISOString(),
  nextAt: delivery.nextAt?.toISOString() ?? null,
  deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
  attempts: attempts.map((each) => ({
    attempt: each.attempt,
    at: each.createdAt.toISOString(),
    status: each.status,
    failure: each.failure,
    answer: each.answer,
    tookMs: each.tookMs,
  })),
})
