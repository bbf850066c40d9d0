import type { SimulatedPayment } from '../../src/domain/payments/simulators/paystack.ledger.ts'
import { type PaystackAction, paystackSimulatorOf } from '../../src/domain/payments/simulators/paystack.simulator.ts'
import type { PayDesk, UnpaidOrder } from '../support/pay-desk.ts'
import { provideConformance } from './provider-conformance.ts'

provideConformance({
  name: 'Paystack',
  method: 'paystack',
  webhookPath: '/webhooks/paystack',
  cannot: {
    cancels: 'Paystack knows no cancelled payment: a page that was left is abandoned, and may still be paid',
    late_success: 'Paystack tells of no time that is up; our own limit and a success after it are in hosted-payments.test.ts',
  },
  hand(desk: PayDesk) {
    const simulator = paystackSimulatorOf(desk.context)
    if (simulator === undefined) throw new Error('the simulated Paystack is off')
    // Refunds end when the test says so, not by the demo's clock.
    const calm = (): void => void simulator.turn({ refundDelayMs: 600_000, retryMs: 600_000 })
    calm()
    const paymentsOf = (order: UnpaidOrder): SimulatedPayment[] =>
      simulator.payments().filter(({ metadata }) => (metadata as { transaction_id?: string }).transaction_id === order.transactionId)
    const paymentOf = (order: UnpaidOrder): SimulatedPayment => {
      const [payment] = paymentsOf(order)
      if (payment === undefined) throw new Error('no page was opened')
      return payment
    }
    const act = async (order: UnpaidOrder, action: PaystackAction): Promise<void> =>
      void (await simulator.act(paymentOf(order).accessCode, action))
    const paidView = (order: UnpaidOrder): object => ({ ...simulator.shown(paymentOf(order)), status: 'success' })
    return {
      begun: (order) => paymentsOf(order).map(({ reference }) => reference),
      pay: async (order) => await act(order, 'card'),
      // There is no message about a failure: it is found by asking, once a second card is not to be expected any more.
      async fail(order) {
        await act(order, 'decline')
        desk.clock.advance(601_000)
        await desk.drain()
      },
      payWrongAmount: async (order) => await act(order, 'wrong-amount'),
      payWrongCurrency: async (order) => await act(order, 'wrong-currency'),
      travel: (mode) => void simulator.turn({ webhooks: mode }),
      release: async (order) => await simulator.courier().release(order),
      async resend(_order, times) {
        const statuses: number[] = []
        for (const { id } of simulator.sent()) statuses.push(...(await simulator.courier().resend(id, times)))
        return statuses
      },
      foreign: () =>
        simulator.signed('charge.success', {
          id: 7,
          domain: 'test',
          status: 'success',
          reference: 'elsewhere-1',
          amount: 170_000,
          currency: 'KES',
          metadata: '',
        }),
      async forgeries(order) {
        const right = simulator.signed('charge.success', paidView(order))
        const signature = right.headers['x-paystack-signature'] ?? ''
        const headed = (text: string): Record<string, string> => ({ 'x-paystack-signature': text })
        return [
          { how: 'altered', body: right.body.replace('"KES"', '"USD"'), headers: right.headers },
          { how: 'repacked', body: JSON.stringify(JSON.parse(right.body)), headers: right.headers },
          { how: 'another key', ...simulator.signed('charge.success', paidView(order), 'sk_test_somebody_elses') },
          { how: 'an almost empty key', ...simulator.signed('charge.success', paidView(order), ' ') },
          { how: 'unsigned', body: right.body, headers: {} },
          { how: 'an empty signature', body: right.body, headers: headed('') },
          { how: 'half a signature', body: right.body, headers: headed(signature.slice(0, 64)) },
          { how: 'capitals', body: right.body, headers: headed(signature.toUpperCase()) },
        ]
      },
      trouble(call, kind, times) {
        const faultOn = ({ start: 'initialize', ask: 'verify', refund: 'refund' } as const)[call]
        simulator.turn({ fault: ({ lost: 'lost_html', error500: 'error500', html: 'html' } as const)[kind], faultOn, faultsLeft: times })
      },
      slow: (ms) => void simulator.turn({ answerDelayMs: ms }),
      refunds: async (order) =>
        simulator
          .refunds()
          .filter(({ payment, status }) => payment.reference === paymentOf(order).reference && status !== 'failed')
          .map(({ amount }) => BigInt(amount)),
      refundsFail: () => void simulator.turn({ refundEnd: 'failed' }),
      async finishRefunds() {
        for (const { id, status } of simulator.refunds()) if (status === 'pending') await simulator.endRefund(id, simulator.knobs.refundEnd)
      },
      told: async () => {},
      reset() {
        simulator.reset()
        calm()
      },
    }
  },
})
