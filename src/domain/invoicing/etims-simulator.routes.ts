import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { etimsSimulatorOf } from './etims.simulator.ts'

const answer = ({ status, body }: { status: number; body: object }): Response => Response.json(body, { status })

/** The simulated eTIMS integrator over HTTP. Mounted only outside production. */
export const etimsSimulatorRoutes = (context: Context) => {
  const simulator = etimsSimulatorOf(context)
  const isKnown = (authorization: string | undefined): boolean => authorization === `Bearer ${context.config.etims?.apiKey ?? ''}`
  return new Elysia({ prefix: '/sandbox/etims', detail: { hide: true } })
    .post(
      '/invoices',
      ({ headers, body }) =>
        isKnown(headers['authorization'])
          ? answer(simulator.submit(body.number))
          : answer({ status: 401, body: { status: 'unknown key' } }),
      { body: t.Object({ number: t.String() }, { additionalProperties: true }) },
    )
    .get('/invoices/:number', ({ headers, params }) =>
      isKnown(headers['authorization']) ? answer(simulator.ask(params.number)) : answer({ status: 401, body: { status: 'unknown key' } }),
    )
    .get('/control/documents', () => Response.json(simulator.documents()))
    .post(
      '/control/knobs',
      ({ body }) => {
        Object.assign(simulator.knobs, body)
        return Response.json(simulator.knobs)
      },
      {
        body: t.Partial(
          t.Object(
            {
              answer: t.Union([t.Literal('accept'), t.Literal('reject'), t.Literal('callback'), t.Literal('silent')]),
              isDown: t.Boolean(),
            },
            { additionalProperties: false },
          ),
        ),
      },
    )
}
