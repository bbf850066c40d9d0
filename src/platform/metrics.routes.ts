import { Elysia, t } from 'elysia'
import type { Context } from '../context.ts'
import { Refusal } from '../lib/refusal.ts'
import { equalInConstantTime } from '../lib/signature.ts'
import { problems } from './http/problem.schema.ts'

/** The figures for Prometheus. Closed unless METRICS_TOKEN is set, except in development, where they are open. */
export const metricsRoutes = ({ config, metrics }: Context) =>
  new Elysia({ tags: ['Health'] }).get(
    '/metrics',
    async ({ request, set }) => {
      if (config.metricsToken === undefined && config.isProduction) throw new Refusal('not_found')
      const given = /^Bearer (.{1,200})$/.exec(request.headers.get('authorization') ?? '')?.[1]
      if (config.metricsToken !== undefined && (given === undefined || !equalInConstantTime(given, config.metricsToken)))
        throw new Refusal('not_signed_in')
      const { type, text } = await metrics.render()
      set.headers['content-type'] = type
      set.headers['cache-control'] = 'no-store'
      return text
    },
    {
      response: { 200: t.String({ description: 'The Prometheus text format.' }), ...problems('not_signed_in', 'not_found') },
      detail: {
        operationId: 'metrics',
        summary: 'Figures of this process and of what waits in the shop',
        description: 'With `Authorization: Bearer` and the METRICS_TOKEN of the configuration. Not found in production where none is set.',
        security: [],
      },
    },
  )
