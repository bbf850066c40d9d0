import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { readBytes } from '../../platform/http/body-parser.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { takeWebhook, type WebhookTarget } from './take-webhook.ts'

interface Incoming {
  readonly body: unknown
  readonly headers: Record<string, string | undefined>
}

/** The addresses providers send their messages to. A provider that is switched off has none. */
export const webhooksRoutes = (context: Context) =>
  new Elysia({ tags: ['Payments'] }).use(mpesaWebhooks(context)).use(signedWebhooks(context))

const take = async <Answer>(context: Context, target: WebhookTarget, { body, headers }: Incoming): Promise<Answer> =>
  (await takeWebhook(context, target, body as Uint8Array, headers as Record<string, string>)) as Answer

// The exact bytes, whatever they are: they are verified, hashed, kept and may be looked at years later.
const rawBody = (context: Context) => [({ request }: { request: Request }) => readBytes(request, context.config.limits.webhookBodyBytes)]

function mpesaWebhooks(context: Context) {
  const routes = new Elysia()
  if (context.providers.get('mpesa') === undefined) return routes
  type Accepted = { ResultCode: number; ResultDesc: string }
  const receive =
    (kind: Exclude<WebhookTarget['kind'], 'signed'>) =>
    async ({ params, ...incoming }: Incoming & { params: { token: string } }) =>
      await take<Accepted>(context, { kind, token: params.token }, incoming)
  const parse = rawBody(context)
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
      .post('/webhooks/mpesa/c2b/:token/validation', receive('paybill-validation'), {
        parse,
        response,
        detail: { ...detail, summary: 'M-Pesa asks whether to take a payment typed by hand', operationId: 'validatePaybill' },
      })
      .post('/webhooks/mpesa/c2b/:token/confirmation', receive('paybill-confirmation'), {
        parse,
        response,
        detail: { ...detail, summary: 'M-Pesa tells us of a payment typed by hand', operationId: 'receivePaybill' },
      })
      .post('/webhooks/mpesa/:token', receive('prompt'), { parse, response, detail: { ...detail, operationId: 'receiveMpesaCallback' } })
      .post('/webhooks/mpesa/:token/timeout', receive('reversal-timeout'), {
        parse,
        response,
        detail: { ...detail, summary: 'M-Pesa tells us that a reversal waits in a queue', operationId: 'receiveReversalTimeout' },
      })
      // The predecessor's family of addresses, for callbacks of prompts that are out while the shop moves.
      .post('/webhook/mpesa/:token', receive('prompt'), { parse, response, detail: { ...detail, hide: true } })
  )
}

/** One address for every provider that signs its messages. What does not prove its origin is answered 401 and leaves no trace. */
function signedWebhooks(context: Context) {
  const receive = async ({ params, ...incoming }: Incoming & { params: { provider: string } }) =>
    await take<{ received: boolean }>(context, { kind: 'signed', provider: params.provider }, incoming)
  const parse = rawBody(context)
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
