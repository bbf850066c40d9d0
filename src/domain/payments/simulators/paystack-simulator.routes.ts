import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { callFaults } from './call.faults.ts'
import type { SimulatedAnswer } from './mpesa.answers.ts'
import { metadataForms, refundStatuses } from './paystack.ledger.ts'
import { type PaystackKnobs, paystackActions, paystackSimulatorOf } from './paystack.simulator.ts'
import { courierModes } from './webhook.courier.ts'

const answer = ({ status, contentType, body }: SimulatedAnswer): Response =>
  new Response(body, { status, headers: { 'content-type': contentType, 'cache-control': 'no-store' } })

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
    domain: oneOf(['test', 'live'] as const),
    metadata: oneOf(metadataForms),
    refundEnd: oneOf(refundStatuses),
    refundDelayMs: Milliseconds,
  }),
  { additionalProperties: false },
)
const apiPaths = ['/transaction', '/transaction/*', '/charge', '/charge/*', '/refund', '/refund/*', '/dispute', '/dispute/*'] as const

/**
 * The simulated Paystack over HTTP: the API's own addresses under /sandbox/paystack, and a control API under /control for tests and
 * the demo. Mounted only where the sandbox is on, which production refuses.
 */
export function paystackSimulatorRoutes(context: Pick<Context, 'config' | 'clock' | 'log'>) {
  const simulator = paystackSimulatorOf(context)
  const routes = new Elysia({ prefix: '/sandbox/paystack', tags: ['Sandbox'], detail: { hide: true } })
  if (simulator === undefined) return routes
  const call = async ({
    request,
    query,
    headers,
    body,
  }: {
    request: Request
    query: Record<string, string | undefined>
    headers: Record<string, string | undefined>
    body: unknown
  }): Promise<Response> => {
    const path = new URL(request.url).pathname.replace(/^\/sandbox\/paystack/, '')
    return answer(await simulator.call({ method: request.method, path, query, authorization: headers['authorization'], body }))
  }
  for (const path of apiPaths) routes.all(path, call)
  return routes
    .get('/control/knobs', () => simulator.knobs)
    .post('/control/knobs', ({ body }) => simulator.turn(body as Partial<PaystackKnobs>), { body: KnobsBody })
    .get('/control/messages', () => ({ items: simulator.sent() }))
    .post('/control/messages/:order', async ({ params }) => {
      if (params.order === 'retry') await simulator.courier().retry()
      else await simulator.courier().release(params.order === 'reverse' ? 'reverse' : 'forward')
      return { ok: true }
    })
    .get('/control/payments/:key', ({ params }) => simulator.payment(params.key) ?? nothing())
    .post('/control/payments/:key/:action', async ({ params }) => {
      const action = paystackActions.find((each) => each === params.action)
      if (action === undefined) throw new Refusal('not_found')
      return { next: (await simulator.act(params.key, action)) ?? nothing() }
    })
    .post('/control/refunds/:id/:status', async ({ params }) => {
      const status = refundStatuses.find((each) => each === params.status)
      if (status === undefined || !(await simulator.endRefund(Number(params.id), status))) throw new Refusal('not_found')
      return { ok: true }
    })
    .post('/control/disputes/:reference', async ({ params }) => ({ id: (await simulator.openDispute(params.reference)) ?? nothing() }))
    .post('/control/reset', () => {
      simulator.reset()
      return { ok: true }
    })
}

const nothing = (): never => {
  throw new Refusal('not_found')
}
