import { afterEach, expect, test } from 'bun:test'
import type { PaymentProvider, Providers } from '../../src/domain/payments/provider.port.ts'
import { createProviders } from '../../src/domain/payments/providers/create-providers.ts'
import { lockTransaction } from '../../src/domain/payments/lock-transaction.ts'
import { requestRefund } from '../../src/domain/payments/request-refund.ts'
import { stripeSimulatorOf } from '../../src/domain/payments/simulators/stripe.simulator.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { seconds } from '../../src/lib/time.ts'
import { createOutgoing, outgoingHosts } from '../../src/platform/outgoing.ts'
import { enqueue } from '../../src/platform/outbox.ts'
import { lockOrderOf } from '../../src/workflows/checkout/lock-order.ts'
import { openPayDesk, type PayDesk } from '../support/pay-desk.ts'

/** The process dies: no answer, no error of the network, nothing written down. */
class Died extends Error {}

let desk: PayDesk | undefined
afterEach(async () => {
  expect(await desk?.checkLaws()).toEqual([])
  await desk?.close()
  desk = undefined
})

for (const isRepeatable of [true, false]) {
  for (const [at, dies] of [
    ['before the call', 'before'],
    ['after the call, before its answer is written down', 'after'],
  ] as const) {
    test(`a death ${at} sends a refund once, ${isRepeatable ? 'under the provider’s key' : 'by asking first, where there is no key'}`, async () => {
      const made: { providers?: Providers } = {}
      let deaths = 1
      const keys: string[] = []
      const mortal = (provider: PaymentProvider): PaymentProvider => ({
        ...provider,
        isRefundRepeatable: isRepeatable,
        async refund(wish) {
          if (dies === 'before' && deaths-- > 0) throw new Died()
          keys.push(wish.id)
          const fact = await provider.refund(wish)
          if (dies === 'after' && deaths-- > 0) throw new Died()
          return fact
        },
      })
      const providers: Providers = {
        names: ['stripe'],
        get: (name) => {
          const provider = made.providers?.get(name)
          return provider === undefined ? undefined : mortal(provider)
        },
      }
      desk = await openPayDesk({ overrides: { providers } })
      const { context, clock } = desk
      const { config, log } = context
      made.providers = createProviders(config, {
        outgoing: createOutgoing({ allowedHosts: outgoingHosts(config), log, clock }),
        clock,
        log,
      })
      const simulator = stripeSimulatorOf(desk.context)
      if (simulator === undefined) throw new Error('the simulated Stripe is off')
      const order = await desk.order({ method: 'card' })
      await desk.drain()
      await simulator.pay(simulator.sessions()[0]?.id ?? '', '4242424242424242')
      await desk.drain()
      // Whatever the messages would have told: the call alone must be enough.
      simulator.turn({ webhooks: 'lost' })
      const id = await context.payDb.transaction(async (tx) => {
        await lockOrderOf(tx, order.transactionId)
        const charge = await lockTransaction(tx, order.transactionId)
        const refundId = await requestRefund(tx, systemStamp('test', context), charge, {
          amountMinor: 60_000n,
          reason: 'return',
          canRefund: true,
          key: 'r',
        })
        await enqueue(tx, systemStamp('test', context), { topic: 'refund.start', payload: { transactionId: refundId } })
        return refundId
      })
      for (let passed = 0; passed < 300; passed += 20) {
        clock.advance(seconds(20))
        await desk.drain()
      }
      expect((await desk.charge(id)).state).toBe('succeeded')
      expect(simulator.refunds().map(({ amount }) => amount)).toEqual([60_000])
      expect(keys).toHaveLength(isRepeatable && dies === 'after' ? 2 : 1)
      expect(await desk.charge(order)).toMatchObject({ refundedMinor: 60_000n, refundPendingMinor: 0n })
    })
  }
}
