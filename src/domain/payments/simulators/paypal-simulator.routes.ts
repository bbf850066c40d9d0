import { whole } from '../../../platform/http/shapes.ts'
import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { readBytes } from '../../../platform/http/body-parser.ts'
import { callFaults } from './call.faults.ts'
import { captureStatuses, paypalRefundStatuses } from './paypal.ledger.ts'
import { paypalActions, type PaypalKnobs, paypalSimulatorOf } from './paypal.simulator.ts'
import { courierModes } from './webhook.courier.ts'

const oneOf = <Text extends string>(values: readonly Text[]) => t.Union(values.map((value) => t.Literal(value)))
const Milliseconds = t.Number({ minimum: 0, maximum: 600_000 })
const KnobsBody = t.Partial(
  t.Object({
    fault: oneOf(callFaults),
    faultOn: t.String({ maxLength: 30 }),
    faultsLeft: t.Number({ minimum: 0, maximum: 1_000_000 }),
    hangMs: Milliseconds,
    answerDelayMs: Milliseconds,
    webhooks: oneOf(courierModes),
    webhookDelayMs: Milliseconds,
    retryMs: Milliseconds,
    retries: t.Number({ minimum: 0, maximum: 100 }),
    capture: oneOf(captureStatuses),
    captureIssue: t.String({ pattern: '^[A-Z_]{0,60}$' }),
    refund: oneOf(paypalRefundStatuses),
    captureOffCents: whole(-1_000_000, 1_000_000),
    captureCurrency: t.String({ pattern: '^([A-Z]{3})?$' }),
    reportLagMs: t.Number({ minimum: 0, maximum: 86_400_000 }),
  }),
  { additionalProperties: false },
)
const prefix = '/sandbox/paypal'

/**
 * The simulated PayPal over HTTP: the API's own addresses under /sandbox/paypal, and a control API under /control for tests and the
 * demo. Mounted only where the sandbox is on, which production refuses.
 */
export function paypalSimulatorRoutes(context: Pick<Context, 'config' | 'clock' | 'log'>) {
  const simulator = paypalSimulatorOf(context)
  const routes = new Elysia({ prefix, tags: ['Sandbox'], detail: { hide: true } })
  if (simulator === undefined) return routes
  const call = async (
    {
      request,
      query,
      headers,
      body,
    }: { request: Request; query: Record<string, string | undefined>; headers: Record<string, string | undefined>; body: unknown },
    text = '',
  ): Promise<Response> => {
    const path = new URL(request.url).pathname.slice(prefix.length)
    const answer = await simulator.call({ method: request.method, path, query, headers, body, text })
    return new Response(answer.body, {
      status: answer.status,
      headers: { 'content-type': answer.contentType, 'cache-control': 'no-store', 'paypal-debug-id': crypto.randomUUID().slice(0, 13) },
    })
  }
  for (const path of ['/v1/oauth2/token', '/v1/reporting/transactions', '/v1/customer/*', '/v2/*'] as const)
    routes.all(path, (input) => call(input))
  return routes
    .get('/v1/notifications/certs/:name', (input) => call(input))
    .post('/v1/notifications/verify-webhook-signature', (input) => call(input, Buffer.from(input.body as Uint8Array).toString()), {
      // The exact text: the signature covers the event as it is written.
      parse: [({ request }: { request: Request }) => readBytes(request, context.config.limits.webhookBodyBytes)],
    })
    .get('/control/knobs', () => simulator.knobs)
    .post('/control/knobs', ({ body }) => simulator.turn(body as Partial<PaypalKnobs>), { body: KnobsBody })
    .get('/control/messages', () => ({ items: simulator.sent() }))
    .post('/control/messages/:order', async ({ params }) => {
      if (params.order === 'retry') await simulator.courier().retry()
      else await simulator.courier().release(params.order === 'reverse' ? 'reverse' : 'forward')
      return { ok: true }
    })
    .post('/control/orders/:id/:action', async ({ params }) => {
      const action = paypalActions.find((each) => each === params.action)
      const next = action === undefined ? undefined : await simulator.act(params.id, action)
      if (next === undefined) throw new Refusal('not_found')
      return { next }
    })
    .post('/control/captures/:id/:deed', async ({ params }) => {
      if (!(await decideCapture(simulator, params.id, params.deed))) throw new Refusal('not_found')
      return { ok: true }
    })
    .post('/control/reset', () => {
      simulator.reset()
      return { ok: true }
    })
}

async function decideCapture(simulator: NonNullable<ReturnType<typeof paypalSimulatorOf>>, id: string, deed: string): Promise<boolean> {
  switch (deed) {
    case 'complete':
      return await simulator.settleCapture(id, 'COMPLETED')
    case 'decline':
      return await simulator.settleCapture(id, 'DECLINED')
    case 'reverse':
      return await simulator.reverse(id)
    case 'dispute':
      return (await simulator.openDispute(id)) !== undefined
    default:
      return false
  }
}
