import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { isStaff } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { readBytes } from '../../platform/http/body-parser.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { requestScope } from '../../platform/http/request-scope.ts'
import { TransactionShape, transactionView } from './payments.schema.ts'
import { mustBePaybillToken, receivePaybill } from './receive-paybill.ts'
import { receiveWebhook } from './receive-webhook.ts'
import { findTransaction } from './transaction.queries.ts'

/** Reading transactions, and the addresses providers send their messages to. A provider that is switched off has no address. */
export const paymentsRoutes = (context: Context) =>
  new Elysia({ tags: ['Payments'] })
    .use(actorGuard(context.identify))
    .get(
      '/api/v1/transactions/:id',
      async ({ actor, params, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const reader = { accountId: asPerson(actor).accountId, isStaff: isStaff(actor) }
        const row = isUuid(params.id) ? await findTransaction(context.db, params.id, reader) : undefined
        if (row === undefined) throw new Refusal('not_found')
        return transactionView(row)
      },
      {
        as: 'person',
        params: t.Object({ id: t.String({ maxLength: 64 }) }),
        response: { 200: TransactionShape, ...problems('not_signed_in', 'not_found') },
        detail: {
          operationId: 'getTransaction',
          summary: 'One movement of money',
          description: 'For the owner of its order, or staff. Anybody else: not found.',
        },
      },
    )
    .use(mpesaWebhook(context))
    .use(signedWebhooks(context))

// Daraja's own words for "got it".
const accepted = { ResultCode: 0, ResultDesc: 'Accepted' } as const

function mpesaWebhook(context: Context) {
  const provider = context.providers.get('mpesa')
  const routes = new Elysia()
  if (provider === undefined) return routes
  const receive = async ({
    params,
    body,
    headers,
  }: {
    params: { token: string }
    body: unknown
    headers: Record<string, string | undefined>
  }) => {
    await receiveWebhook(context, provider, {
      body: body as Uint8Array,
      headers: headers as Record<string, string>,
      addressToken: params.token,
      ...(requestScope() === undefined ? {} : { requestId: requestScope()?.requestId }),
    })
    return accepted
  }
  // The exact bytes, whatever they are: they are hashed, kept and may be looked at years later.
  const parse = [({ request }: { request: Request }) => readBytes(request, context.config.limits.webhookBodyBytes)]
  const detail = {
    security: [],
    summary: 'M-Pesa tells us what became of a prompt',
    description:
      'For Safaricom only. The address holds a secret of one transaction; a wrong one is not found. Repeats are answered like the first.',
  }
  const response = {
    200: t.Object({ ResultCode: t.Number(), ResultDesc: t.String() }),
    ...problems('not_found', 'malformed_json', 'body_too_large', 'unavailable'),
  }
  return (
    routes
      .post(
        '/webhooks/mpesa/c2b/:token/validation',
        ({ params }) => {
          // Every account number is taken: money that names no order is parked, not bounced at the till.
          mustBePaybillToken(context, params.token)
          return accepted
        },
        { response, detail: { ...detail, summary: 'M-Pesa asks whether to take a payment typed by hand', operationId: 'validatePaybill' } },
      )
      .post(
        '/webhooks/mpesa/c2b/:token/confirmation',
        async ({ params, body, headers }) => {
          await receivePaybill(context, provider, params.token, {
            body: body as Uint8Array,
            headers: headers as Record<string, string>,
            ...(requestScope() === undefined ? {} : { requestId: requestScope()?.requestId }),
          })
          return accepted
        },
        { parse, response, detail: { ...detail, summary: 'M-Pesa tells us of a payment typed by hand', operationId: 'receivePaybill' } },
      )
      .post('/webhooks/mpesa/:token', receive, { parse, response, detail: { ...detail, operationId: 'receiveMpesaCallback' } })
      // The predecessor's family of addresses, for callbacks of prompts that are out while the shop moves.
      .post('/webhook/mpesa/:token', receive, { parse, response, detail: { ...detail, hide: true } })
  )
}

// Those whose messages are signed; the others have addresses of their own.
const signing: ReadonlySet<string> = new Set(['stripe', 'paystack', 'paypal'])

/** One address for every provider that signs its messages. What does not prove its origin is answered 401 and leaves no trace. */
function signedWebhooks(context: Context) {
  const receive = async ({
    params,
    body,
    headers,
  }: {
    params: { provider: string }
    body: unknown
    headers: Record<string, string | undefined>
  }) => {
    const provider = signing.has(params.provider) ? context.providers.get(params.provider) : undefined
    if (provider === undefined) throw new Refusal('not_found')
    await receiveWebhook(context, provider, {
      body: body as Uint8Array,
      headers: headers as Record<string, string>,
      ...(requestScope() === undefined ? {} : { requestId: requestScope()?.requestId }),
    })
    return { received: true }
  }
  const parse = [({ request }: { request: Request }) => readBytes(request, context.config.limits.webhookBodyBytes)]
  const params = t.Object({ provider: t.String({ maxLength: 20, description: 'stripe, paystack or paypal.' }) })
  const response = {
    200: t.Object({ received: t.Boolean() }),
    ...problems('signature_invalid', 'not_found', 'malformed_json', 'body_too_large', 'unavailable'),
  }
  const detail = {
    security: [],
    operationId: 'receiveProviderWebhook',
    summary: 'A provider tells us what became of a payment, a refund or a dispute',
    description:
      'For the provider only: the signature over the exact bytes is the proof. Repeats are answered like the first. A provider that is switched off is not found.',
  }
  const hidden = { parse, params, response, detail: { ...detail, hide: true } }
  return (
    new Elysia()
      .post('/webhooks/:provider', receive, { parse, params, response, detail })
      // The addresses of the predecessor, which the providers' desks still hold.
      .post('/webhook/:provider', receive, hidden)
      .post('/orders/webhook/:provider', receive, hidden)
  )
}
