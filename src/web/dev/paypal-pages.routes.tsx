import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { paypalActions, paypalSimulatorOf } from '../../domain/payments/simulators/paypal.simulator.ts'
import { Refusal } from '../../lib/refusal.ts'
import { fieldText, formBody } from '../form-values.ts'
import { seeOther, showPage } from '../show-page.ts'
import { PaypalPage } from './paypal-page.tsx'

/** The simulated PayPal’s approval page. Mounted only where the sandbox is on, which production refuses. */
export function paypalPages(context: Context) {
  const simulator = context.config.sandbox ? paypalSimulatorOf(context) : undefined
  const routes = new Elysia({ prefix: '/sandbox/paypal', detail: { hide: true } })
  if (simulator === undefined) return routes
  return routes
    .get(
      '/checkoutnow',
      async ({ request, query }) => {
        const order = simulator.order(query.token)
        if (order === undefined) throw new Refusal('not_found')
        const page = { title: 'Pay with PayPal', path: '/sandbox/paypal', isPrivate: true, body: <PaypalPage order={order} /> }
        return await showPage(context, request, page, { keep: 'never' })
      },
      { query: t.Object({ token: t.String({ maxLength: 40 }) }) },
    )
    .post('/checkoutnow', async ({ body }) => {
      const form = formBody(body)
      const action = paypalActions.find((each) => each === fieldText(form, 'do', 30)) ?? 'cancel'
      const next = await simulator.act(fieldText(form, 'token', 40), action)
      if (next === undefined) throw new Refusal('not_found')
      return seeOther(next)
    })
}
