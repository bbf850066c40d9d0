import { createAuthority } from '../../src/domain/payments/simulators/paypal.certificates.ts'
import { captureView, type SimulatedOrder } from '../../src/domain/payments/simulators/paypal.ledger.ts'
import { type PaypalAction, paypalSimulatorOf } from '../../src/domain/payments/simulators/paypal.simulator.ts'
import type { PayDesk, UnpaidOrder } from '../support/pay-desk.ts'
import { provideConformance } from './provider-conformance.ts'

provideConformance({
  name: 'PayPal',
  method: 'paypal',
  webhookPath: '/webhooks/paypal',
  cannot: {
    cancels: 'PayPal knows no cancelled order: who goes back without paying may still approve it',
    late_success: 'we take the capture ourselves, and after the time is up nobody does (hosted-payments.test.ts)',
  },
  hand(desk: PayDesk) {
    const simulator = paypalSimulatorOf(desk.context)
    if (simulator === undefined) throw new Error('the simulated PayPal is off')
    // Signing needs a moment and the suite asks for the message at once, so it is made beforehand.
    let elsewhere: { body: string; headers: Readonly<Record<string, string>> } = { body: '', headers: {} }
    const money = { value: '13.18', currency_code: 'USD' }
    const capture = {
      id: '0AA00000AA000000A',
      status: 'COMPLETED',
      amount: money,
      supplementary_data: { related_ids: { order_id: '1AA00000AA000000A' } },
    }
    void simulator.signed('PAYMENT.CAPTURE.COMPLETED', 'capture', capture).then((message) => (elsewhere = message))
    const calm = (): void => void simulator.turn({ retryMs: 600_000 })
    calm()
    const ordersOf = (order: UnpaidOrder): SimulatedOrder[] => simulator.orders().filter(({ customId }) => customId === order.transactionId)
    const orderOf = (order: UnpaidOrder): SimulatedOrder => {
      const [made] = ordersOf(order)
      if (made === undefined) throw new Error('no order was made')
      return made
    }
    const act = async (order: UnpaidOrder, action: PaypalAction): Promise<void> => void (await simulator.act(orderOf(order).id, action))
    const paidView = (order: UnpaidOrder): object =>
      captureView({
        id: '3C679366HH908993F',
        order: orderOf(order),
        amount: orderOf(order).amount,
        createdAt: desk.clock.now(),
        status: 'COMPLETED',
      })
    return {
      begun: (order) => ordersOf(order).map(({ id }) => id),
      pay: async (order) => await act(order, 'approve'),
      fail: async (order) => await act(order, 'declined'),
      async payWrongAmount(order) {
        simulator.turn({ captureOffCents: 100 })
        await act(order, 'approve')
      },
      async payWrongCurrency(order) {
        simulator.turn({ captureCurrency: 'EUR' })
        await act(order, 'approve')
      },
      travel: (mode) => void simulator.turn({ webhooks: mode }),
      release: async (order) => await simulator.courier().release(order),
      async resend(_order, times) {
        const statuses: number[] = []
        for (const { id } of simulator.sent()) statuses.push(...(await simulator.courier().resend(id, times)))
        return statuses
      },
      foreign: () => elsewhere,
      async forgeries(order) {
        const event = async (wish: Parameters<typeof simulator.signed>[3] = {}) =>
          await simulator.signed('PAYMENT.CAPTURE.COMPLETED', 'capture', paidView(order), wish)
        const right = await event()
        const but = (headers: Record<string, string>) => ({ body: right.body, headers: { ...right.headers, ...headers } })
        return [
          { how: 'altered', body: right.body.replace('"COMPLETED"', '"completed"'), headers: right.headers },
          { how: 'repacked', body: JSON.stringify(JSON.parse(right.body), undefined, 1), headers: right.headers },
          { how: 'another authority', ...(await event({ authority: await createAuthority(desk.clock.now()) })) },
          { how: 'another webhook', ...(await event({ webhookId: 'WEBHOOK_ID' })) },
          { how: 'unsigned', body: right.body, headers: {} },
          { how: 'an empty signature', ...but({ 'paypal-transmission-sig': '' }) },
          { how: 'another algorithm', ...but({ 'paypal-auth-algo': 'SHA1withRSA' }) },
          { how: 'another time', ...but({ 'paypal-transmission-time': '2026-11-24T09:00:01Z' }) },
          { how: 'a certificate from elsewhere', ...but({ 'paypal-cert-url': 'https://evil.example/v1/notifications/certs/CERT-1' }) },
        ].map(({ how, body, headers }) => ({ how, body, headers }))
      },
      trouble(call, kind, times) {
        const faultOn = ({ start: 'create', ask: 'order', refund: 'refund' } as const)[call]
        simulator.turn({ fault: ({ lost: 'lost_html', error500: 'error500', html: 'html' } as const)[kind], faultOn, faultsLeft: times })
      },
      slow: (ms) => void simulator.turn({ answerDelayMs: ms }),
      refunds: async (order) =>
        simulator
          .refunds()
          .filter(({ capture, status }) => capture.order === orderOf(order) && status !== 'FAILED')
          .map(({ amount }) => BigInt(amount.value.replace('.', ''))),
      refundsFail: () => void simulator.turn({ refund: 'FAILED' }),
      told: async () => await simulator.told(),
      reset() {
        simulator.reset()
        calm()
      },
    }
  },
})
