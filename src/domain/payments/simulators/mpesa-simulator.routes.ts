import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { parsePhone } from '../../../lib/phone.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { paybillToken } from '../receive-paybill.ts'
import { type HandsetAction, handsetActions } from './mpesa.prompt.ts'
import type { SimulatedAnswer } from './mpesa.answers.ts'
import { faults, type Knobs, reversalResults } from './mpesa.knobs.ts'
import { simulatorOf } from './mpesa.simulator.ts'

const answer = ({ status, contentType, body }: SimulatedAnswer): Response =>
  new Response(body, { status, headers: { 'content-type': contentType, 'cache-control': 'no-store' } })

const Fault = t.Optional(t.Union(faults.map((fault) => t.Literal(fault))))
const Milliseconds = t.Optional(t.Number({ minimum: 0, maximum: 600_000 }))
const KnobsBody = t.Object(
  {
    auto: t.Optional(t.Boolean()),
    autoDelayMs: Milliseconds,
    promptMs: Milliseconds,
    lateMs: Milliseconds,
    hangMs: Milliseconds,
    answerDelayMs: Milliseconds,
    tokenFault: Fault,
    pushFault: Fault,
    queryFault: Fault,
    reversalFault: Fault,
    reversalResult: t.Optional(t.Union(reversalResults.map((result) => t.Literal(result)))),
    faultsLeft: t.Optional(t.Number({ minimum: 0, maximum: 1_000_000 })),
  },
  { additionalProperties: false },
)

/**
 * The simulated M-Pesa over HTTP: Daraja's own addresses under /sandbox/mpesa, and a control API for tests, the demo and the
 * handset page. Mounted only where the sandbox is on, which production refuses.
 */
export function mpesaSimulatorRoutes(context: Context) {
  const simulator = simulatorOf(context)
  const routes = new Elysia({ prefix: '/sandbox/mpesa', tags: ['Sandbox'], detail: { hide: true } })
  if (simulator === undefined) return routes
  return routes
    .get('/oauth/v1/generate', async ({ headers }) => answer(await simulator.token(headers.authorization)))
    .post('/mpesa/stkpush/v1/processrequest', async ({ headers, body }) => answer(await simulator.push(headers.authorization, body)))
    .post('/mpesa/stkpushquery/v1/query', async ({ headers, body }) => answer(await simulator.query(headers.authorization, body)))
    .post('/mpesa/reversal/v1/request', async ({ headers, body }) => answer(await simulator.reverse(headers.authorization, body)))
    .get(
      '/prompts',
      ({ query }) => ({ items: simulator.prompts(query.phone === undefined ? undefined : (parsePhone(query.phone) ?? 'nobody')) }),
      {
        query: t.Object({ phone: t.Optional(t.String({ maxLength: 30 })) }),
      },
    )
    .post(
      '/paybill',
      async ({ body }) => {
        const { mpesa, appSecret } = context.config
        if (mpesa === undefined) throw new Refusal('not_found')
        const url = `${mpesa.callbackBaseUrl}/webhooks/mpesa/c2b/${paybillToken(appSecret, mpesa.shortCode)}/confirmation`
        return await simulator.payByHand(url, body.account, body.amount)
      },
      { body: t.Object({ account: t.String({ maxLength: 40 }), amount: t.Number({ minimum: 1, maximum: 250_000 }) }) },
    )
    .post('/prompts/:id/resend', async ({ params, body }) => ({ statuses: await simulator.resend(params.id, body?.times ?? 1) }), {
      body: t.Optional(t.Object({ times: t.Number({ minimum: 1, maximum: 5_000 }) })),
    })
    .post('/prompts/:id/:action', async ({ params, body, headers }) => {
      if (!isAction(params.action)) throw new Refusal('not_found')
      const prompt = await simulator.act(params.id, params.action, pinIn(body))
      if (prompt === undefined) throw new Refusal('not_found')
      // A form goes back to the phone it came from; a program gets the prompt.
      const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
      return isForm ? new Response(null, { status: 303, headers: { location: `/sandbox/handset?phone=${prompt.phone}` } }) : prompt
    })
    .get('/knobs', () => simulator.knobs)
    .post('/knobs', ({ body }) => simulator.turn(body as Partial<Knobs>), { body: KnobsBody })
    .post('/reset', () => {
      simulator.reset()
      return { ok: true }
    })
}

const isAction = (text: string): text is HandsetAction => (handsetActions as readonly string[]).includes(text)

function pinIn(body: unknown): string | undefined {
  const pin = typeof body === 'object' && body !== null ? (body as { pin?: unknown }).pin : undefined
  return typeof pin === 'string' ? pin : undefined
}
