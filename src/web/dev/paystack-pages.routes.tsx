import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { paystackActions, paystackSimulatorOf } from '../../domain/payments/simulators/paystack.simulator.ts'
import { Refusal } from '../../lib/refusal.ts'
import { fieldText, formBody } from '../form-values.ts'
import { seeOther, showPage } from '../show-page.ts'
import { PaystackPage } from './paystack-page.tsx'

/** The simulated Paystack’s hosted page. Mounted only where the sandbox is on, which production refuses. */
export function paystackPages(context: Context) {
  const simulator = context.config.sandbox ? paystackSimulatorOf(context) : undefined
  const routes = new Elysia({ prefix: '/sandbox/paystack', detail: { hide: true } })
  if (simulator === undefined) return routes
  const params = t.Object({ accessCode: t.String({ maxLength: 40 }) })
  return routes
    .get(
      '/checkout/:accessCode',
      async ({ request, params: { accessCode } }) => {
        const payment = simulator.payment(accessCode)
        if (payment === undefined) throw new Refusal('not_found')
        const page = { title: 'Pay with Paystack', path: '/sandbox/paystack', isPrivate: true, body: <PaystackPage payment={payment} /> }
        return await showPage(context, request, page, { keep: 'never' })
      },
      { params },
    )
    .post(
      '/checkout/:accessCode',
      async ({ body, params: { accessCode } }) => {
        const wish = fieldText(formBody(body), 'do', 20)
        const action = paystackActions.find((each) => each === wish) ?? 'leave'
        const next = await simulator.act(accessCode, action, fieldText(formBody(body), 'card', 30))
        if (next === undefined) throw new Refusal('not_found')
        return seeOther(next)
      },
      { params },
    )
}
