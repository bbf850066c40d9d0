import type { Knobs } from '../../src/domain/payments/simulators/mpesa.knobs.ts'
import type { PayDesk, UnpaidOrder } from '../support/pay-desk.ts'
import { provideConformance } from './provider-conformance.ts'

provideConformance({
  name: 'M-Pesa',
  method: 'mpesa',
  webhookPath: undefined,
  environment: { MPESA_INITIATOR_NAME: 'refunder', MPESA_SECURITY_CREDENTIAL: 'encrypted-for-the-simulator' },
  cannot: {
    wrong_currency: 'a prompt knows no currency but shillings',
    reordered: 'one prompt has one callback, so there is no order to reverse',
    foreign_reference: 'the address names the charge; a wrong one is not found (mpesa-journey.test.ts, webhook-inbox.test.ts)',
    forged: 'Daraja signs nothing; the secret address and the query are the proof (webhook-inbox.test.ts)',
    refund_parts: 'a third of a sum is no whole shillings; parts that are go back in mpesa-reversal.test.ts',
  },
  hand(desk: PayDesk) {
    const { simulator } = desk
    const promptOf = (order: UnpaidOrder): string => simulator.prompts(order.phone)[0]?.id ?? 'none'
    let mode: 'normal' | 'lost' | 'held' = 'normal'
    let held: (() => Promise<unknown>)[] = []
    const press = async (order: UnpaidOrder, action: 'pin' | 'poor' | 'cancel' | 'ignore' | 'wrong-amount'): Promise<void> => {
      // The phone pays without a callback; a held one is sent when it is released.
      const id = promptOf(order)
      if (mode === 'normal') await simulator.act(id, action)
      else await simulator.act(id, 'lose')
      if (mode === 'held') {
        const prompt = simulator.prompts(order.phone)[0]
        const charge = await desk.charge(order)
        const item = [
          { Name: 'Amount', Value: prompt?.amount },
          { Name: 'MpesaReceiptNumber', Value: prompt?.receipt },
        ]
        held.push(
          async () =>
            await desk.callback(order, {
              Body: {
                stkCallback: {
                  MerchantRequestID: charge.paymentRef,
                  CheckoutRequestID: charge.sessionRef,
                  ResultCode: 0,
                  ResultDesc: 'ok',
                  CallbackMetadata: { Item: item },
                },
              },
            }),
        )
      }
    }
    return {
      begun: (order) => simulator.prompts(order.phone).map(({ checkoutRequestId }) => checkoutRequestId),
      pay: async (order) => await press(order, 'pin'),
      fail: async (order) => await press(order, 'poor'),
      cancel: async (order) => await press(order, 'cancel'),
      expire: async (order) => await press(order, 'ignore'),
      payLate: async (order) => await simulator.settleLate(promptOf(order)),
      payWrongAmount: async (order) => await press(order, 'wrong-amount'),
      travel: (next) => void (mode = next),
      async release() {
        for (const deliver of held.splice(0)) await deliver()
      },
      resend: async (order, times) => await simulator.resend(promptOf(order), times),
      trouble(call, kind, times) {
        const fault = ({ lost: 'lost_html', error500: 'error500', html: 'lost_html' } as const)[kind]
        const knob: keyof Knobs = ({ start: 'pushFault', ask: 'queryFault', refund: 'reversalFault' } as const)[call]
        simulator.turn({ [knob]: fault, faultsLeft: times })
      },
      slow: (ms) => void simulator.turn({ answerDelayMs: ms }),
      async refunds(order) {
        const { receipt } = await desk.charge(order)
        return simulator.reversals
          .of(receipt ?? '')
          .filter(({ resultCode }) => resultCode === 0)
          .map(({ amount }) => BigInt(amount) * 100n)
      },
      refundsFail: () => void simulator.turn({ reversalResult: 'fails' }),
      finishRefunds: async () => await simulator.reversals.finish(),
      told: async () => {},
      reset() {
        mode = 'normal'
        held = []
        simulator.reset()
      },
    }
  },
})
