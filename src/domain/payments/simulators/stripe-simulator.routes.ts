import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { callFaults } from './call.faults.ts'
import type { SimulatedAnswer } from './mpesa.answers.ts'
import { type StripeKnobs, stripeSimulatorOf } from './stripe.simulator.ts'
import { courierModes } from './webhook.courier.ts'

const answer = ({ status, contentType, body }: SimulatedAnswer): Response =>
  new Response(body, {
    status,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', 'request-id': `req_${crypto.randomUUID()}` },
  })

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
    eventOrder: oneOf(['session_first', 'intent_first'] as const),
    extraAmount: t.Number({ minimum: 0, maximum: 1_000_000 }),
    otherCurrency: t.String({ maxLength: 3 }),
    refundStart: oneOf(['', 'pending', 'succeeded', 'failed', 'canceled'] as const),
  }),
  { additionalProperties: false },
)

/**
 * The simulated Stripe over HTTP: the API's own addresses under /sandbox/stripe/v1, the form of the card page, and a control API
 * for tests and the demo. Mounted only where the sandbox is on, which production refuses.
 */
export function stripeSimulatorRoutes(context: Context) {
  const simulator = stripeSimulatorOf(context)
  const routes = new Elysia({ prefix: '/sandbox/stripe', tags: ['Sandbox'], detail: { hide: true } })
  if (simulator === undefined) return routes
  return routes
    .all('/v1/*', async ({ request, query, headers, body }) => {
      const path = new URL(request.url).pathname.replace(/^\/sandbox\/stripe/, '')
      return answer(await simulator.call({ method: request.method, path, query, headers, body }))
    })
    .post('/pay/:id', async ({ params, body }) => {
      const form = body as { card?: unknown; do?: unknown } | undefined
      const session = simulator.session(params.id)
      if (session === undefined) throw new Refusal('not_found')
      const go = (location: string): Response => new Response(null, { status: 303, headers: { location } })
      if (form?.do === 'leave') return go(session.cancelUrl)
      const said =
        form?.do === 'confirm'
          ? await simulator.confirm(params.id)
          : await simulator.pay(params.id, typeof form?.card === 'string' ? form.card : '')
      return go(said === 'paid' || said === 'closed' ? session.successUrl : `/sandbox/stripe/pay/${params.id}?said=${said}`)
    })
    .get('/control/knobs', () => simulator.knobs)
    .post('/control/knobs', ({ body }) => simulator.turn(body as Partial<StripeKnobs>), { body: KnobsBody })
    .get('/control/messages', () => ({ items: simulator.sent() }))
    .post('/control/disputes/:intent', async ({ params }) => ({ id: await simulator.dispute(params.intent) }))
    .post('/control/reset', () => {
      simulator.reset()
      return { ok: true }
    })
}
