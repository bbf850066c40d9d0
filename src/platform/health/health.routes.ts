import { Elysia, t } from 'elysia'
import { closed } from '../http/shapes.ts'
import type { Readiness } from './readiness.ts'

const Part = t.Union([t.Literal('ok'), t.Literal('degraded'), t.Literal('down')])
const ReadinessShape = closed({
  status: t.Union([t.Literal('ready'), t.Literal('not_ready')]),
  parts: closed({ postgres: Part, migrations: Part, redis: Part, process: Part }),
  degraded: t.Array(t.String(), { description: 'Parts the shop can do without for a while.' }),
  failing: t.Array(t.String(), { description: 'Parts that keep this process out of rotation.' }),
})

/** The two probes: alive (never touches a dependency) and ready (asks Postgres, migrations and Redis with short time-outs). */
export const healthRoutes = (readiness: () => Promise<Readiness>) =>
  new Elysia({ tags: ['Health'] })
    .get(
      '/healthz',
      ({ set }) => {
        set.headers['cache-control'] = 'no-store'
        return { status: 'ok' as const }
      },
      {
        response: { 200: closed({ status: t.Literal('ok') }) },
        detail: { operationId: 'healthz', summary: 'Is the process alive', security: [] },
      },
    )
    .get(
      '/readyz',
      async ({ set }) => {
        const state = await readiness()
        set.headers['cache-control'] = 'no-store'
        set.status = state.status === 'ready' ? 200 : 503
        return { ...state, degraded: [...state.degraded], failing: [...state.failing] }
      },
      {
        response: { 200: ReadinessShape, 503: ReadinessShape },
        detail: { operationId: 'readyz', summary: 'Should this process get traffic', security: [] },
      },
    )
