import { expect, test } from 'bun:test'
import type { Providers } from '../../src/domain/payments/provider.port.ts'
import { createProviders } from '../../src/domain/payments/providers/create-providers.ts'
import { seconds } from '../../src/lib/time.ts'
import { createOutgoing, outgoingHosts } from '../../src/platform/outgoing.ts'
import { openPayDesk } from '../support/pay-desk.ts'

test('a provider that says the same for hours is asked by the schedule and not by the lease', async () => {
  const made: { providers?: Providers } = {}
  let asked = 0
  const providers: Providers = {
    names: ['stripe'],
    get(name) {
      const provider = made.providers?.get(name)
      if (provider === undefined) return undefined
      return {
        ...provider,
        async ask(transaction) {
          asked += 1
          return { transactionId: transaction.id, effect: 'processing', effectRef: 'pi_1', source: 'poll', reason: 'bank_is_working' }
        },
      }
    },
  }
  const desk = await openPayDesk({ overrides: { providers } })
  const { config, log } = desk.context
  made.providers = createProviders(config, {
    outgoing: createOutgoing({ allowedHosts: outgoingHosts(config), log, clock: desk.clock }),
    clock: desk.clock,
    log,
  })
  const order = await desk.order({ method: 'card' })
  await desk.drain()
  for (let passed = 0; passed < 2 * 3_600; passed += 30) {
    desk.clock.advance(seconds(30))
    await desk.drain()
  }
  expect(await desk.charge(order)).toMatchObject({ state: 'processing', capturedMinor: 0n })
  expect(asked).toBeGreaterThanOrEqual(5)
  expect(asked).toBeLessThanOrEqual(12)
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})
