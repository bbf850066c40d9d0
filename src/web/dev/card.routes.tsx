import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { stripeSimulatorOf } from '../../domain/payments/simulators/stripe.simulator.ts'
import { Refusal } from '../../lib/refusal.ts'
import { showPage } from '../show-page.ts'
import { CardPage } from './card-page.tsx'

/** The simulated card page. Mounted only where the sandbox is on, which production refuses. */
export function cardPages(context: Context) {
  const simulator = context.config.sandbox ? stripeSimulatorOf(context) : undefined
  const routes = new Elysia({ detail: { hide: true } })
  if (simulator === undefined) return routes
  return routes.get(
    '/sandbox/stripe/pay/:id',
    async ({ request, params, query }) => {
      const session = simulator.session(params.id)
      if (session === undefined) throw new Refusal('not_found')
      const body = <CardPage session={session} said={query.said} />
      return await showPage(
        context,
        request,
        { title: 'Pay by card', path: '/sandbox/stripe/pay', isPrivate: true, body },
        { keep: 'never' },
      )
    },
    { params: t.Object({ id: t.String({ maxLength: 100 }) }), query: t.Object({ said: t.Optional(t.String({ maxLength: 20 })) }) },
  )
}
