import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { buildContext } from '../../src/context.ts'
import { offeredMethods } from '../../src/domain/payments/payment.methods.ts'
import { type Environment, readConfig } from '../../src/platform/config.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { makeVariant } from '../support/factories.ts'
import { place } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/**
 * Complaint 13: payments are a project of their own, hosted elsewhere. Here four providers and the door are in the process, each
 * switched on by its settings alone, and simulated where there are none.
 */
let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const methodsWith = async (environment: Environment) => {
  const { context, dispose } = buildContext(
    readConfig({ NODE_ENV: 'test', SANDBOX: 'off', ...environment }),
    { databaseUrl: 'postgres://nobody@127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' },
    { withoutCron: true },
  )
  const methods = [...offeredMethods(context.providers)]
  await dispose()
  return methods
}

describe('a provider', () => {
  test('is there when its keys are, and not offered when they are not', async () => {
    expect(await methodsWith({})).toEqual(['cod'])
    expect(await methodsWith({ PAYSTACK_SECRET_KEY: 'sk_test_4f1c2b3a', PAYSTACK_PUBLIC_KEY: 'pk_test_4f1c2b3a' })).toContain('paystack')
    expect(
      await methodsWith({
        MPESA_CONSUMER_KEY: 'a-key',
        MPESA_CONSUMER_SECRET: 'its-pass',
        MPESA_SHORTCODE: '600000',
        MPESA_PASSKEY: 'a-pass',
      }),
    ).toContain('mpesa')
  })

  test.each(['mpesa', 'card', 'paystack', 'paypal', 'cod'])('%s takes an order in the box, asked for exactly its total', async (method) => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const order = await place(shop, { lines: [{ variantId }], body: { payment: { method } } })
    await shop.settle()
    const [charge] = await shop.database
      .sql`select amount_minor::int as amount, provider_currency as currency, provider_amount_minor::int as asked, fx_rate, state from transactions where order_id = ${order.id}`
    expect(charge).toMatchObject({ amount: order.totalMinor, state: 'pending' })
    // PayPal takes no KES: it is asked for the dollars the stored rate makes.
    if (method === 'paypal') expect(charge?.['asked']).toBe(Math.round(order.totalMinor / Number(charge?.['fx_rate'])))
    else expect([charge?.['asked'], charge?.['currency']]).toEqual([order.totalMinor, 'KES'])
  })
})
