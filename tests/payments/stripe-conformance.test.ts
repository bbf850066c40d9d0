import { sessionView, type SimulatedSession } from '../../src/domain/payments/simulators/stripe.ledger.ts'
import { stripeSimulatorOf } from '../../src/domain/payments/simulators/stripe.simulator.ts'
import type { PayDesk, UnpaidOrder } from '../support/pay-desk.ts'
import { provideConformance } from './provider-conformance.ts'

const goodCard = '4242424242424242'

provideConformance({
  name: 'Stripe',
  method: 'card',
  webhookPath: '/webhooks/stripe',
  cannot: {},
  hand(desk: PayDesk) {
    const simulator = stripeSimulatorOf(desk.context)
    if (simulator === undefined) throw new Error('the simulated Stripe is off')
    const sessionsOf = (order: UnpaidOrder): SimulatedSession[] =>
      simulator.sessions().filter(({ clientReferenceId }) => clientReferenceId === order.transactionId)
    const sessionOf = (order: UnpaidOrder): SimulatedSession => {
      const [session] = sessionsOf(order)
      if (session === undefined) throw new Error('no page was opened')
      return session
    }
    const pay = async (order: UnpaidOrder): Promise<void> => void (await simulator.pay(sessionOf(order).id, goodCard))
    const paidView = (order: UnpaidOrder): object => {
      const session = sessionOf(order)
      return { ...sessionView(session, desk.origin), status: 'complete', payment_status: 'paid', payment_intent: session.intent.id }
    }
    const post = async (message: { body: string; headers: Record<string, string> }): Promise<Response> =>
      await fetch(`${desk.origin}/webhooks/stripe`, { method: 'POST', headers: message.headers, body: message.body })
    return {
      begun: (order) => sessionsOf(order).map(({ id }) => id),
      pay,
      // A declined card leaves the page open; what fails for good is a bank's later no.
      async fail(order) {
        const session = { ...sessionView(sessionOf(order), desk.origin), status: 'complete', payment_status: 'unpaid' }
        await post(simulator.signed('checkout.session.async_payment_failed', session))
      },
      cancel: async (order) => await simulator.cancelIntent(sessionOf(order).id),
      async expire(order) {
        await post(simulator.signed('checkout.session.expired', { ...sessionView(sessionOf(order), desk.origin), status: 'expired' }))
      },
      payLate: pay,
      async payWrongAmount(order) {
        simulator.turn({ extraAmount: 100 })
        await pay(order)
      },
      async payWrongCurrency(order) {
        simulator.turn({ otherCurrency: 'usd' })
        await pay(order)
      },
      travel: (mode) => void simulator.turn({ webhooks: mode }),
      release: async (order) => await simulator.courier().release(order),
      async resend(_order, times) {
        const statuses: number[] = []
        for (const { id } of simulator.sent()) statuses.push(...(await simulator.courier().resend(id, times)))
        return statuses
      },
      foreign: () =>
        simulator.signed('checkout.session.completed', {
          id: 'cs_test_elsewhere',
          object: 'checkout.session',
          status: 'complete',
          payment_status: 'paid',
          amount_total: 170_000,
          currency: 'kes',
          payment_intent: 'pi_elsewhere',
          metadata: {},
        }),
      async forgeries(order) {
        const right = simulator.signed('checkout.session.completed', paidView(order))
        const nowS = Math.floor(desk.clock.now().getTime() / 1_000)
        const other = (wish: { secret?: string; atS?: number }) => simulator.signed('checkout.session.completed', paidView(order), wish)
        return [
          { how: 'altered', body: right.body.replace('"livemode": false', '"livemode": true'), headers: right.headers },
          { how: 'repacked', body: JSON.stringify(JSON.parse(right.body)), headers: right.headers },
          { how: 'stale', ...other({ atS: nowS - 301 }) },
          { how: 'another key', ...other({ secret: 'whsec_somebody_elses' }) },
          { how: 'an almost empty key', ...other({ secret: ' ' }) },
          { how: 'unsigned', body: right.body, headers: {} },
          { how: 'an empty signature', body: right.body, headers: { 'stripe-signature': '' } },
          { how: 'a signature without a scheme', body: right.body, headers: { 'stripe-signature': `t=${nowS}` } },
          {
            how: 'another scheme',
            body: right.body,
            headers: { 'stripe-signature': right.headers['stripe-signature']?.replace('v1=', 'v0=') ?? '' },
          },
        ].map(({ how, body, headers }) => ({ how, body, headers: headers as Record<string, string> }))
      },
      trouble(call, kind, times) {
        const faultOn = ({ start: 'session', ask: 'read', refund: 'refund' } as const)[call]
        simulator.turn({ fault: ({ lost: 'lost_html', error500: 'error500', html: 'html' } as const)[kind], faultOn, faultsLeft: times })
      },
      slow: (ms) => void simulator.turn({ answerDelayMs: ms }),
      refunds: async (order) =>
        simulator
          .refunds()
          .filter(({ intentId, status }) => intentId === sessionOf(order).intent.id && status !== 'failed')
          .map(({ amount }) => BigInt(amount)),
      refundsFail: () => void simulator.turn({ refundStart: 'failed' }),
      told: async () => await simulator.told(),
      reset: () => simulator.reset(),
    }
  },
})
