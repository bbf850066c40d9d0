import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createPaypal } from '../../src/domain/payments/providers/paypal.provider.ts'
import { createPaystack } from '../../src/domain/payments/providers/paystack.provider.ts'
import { paypalSimulatorOf } from '../../src/domain/payments/simulators/paypal.simulator.ts'
import { paystackSimulatorOf } from '../../src/domain/payments/simulators/paystack.simulator.ts'
import { createOutgoing, outgoingHosts } from '../../src/platform/outgoing.ts'
import { expectWholePage, formVisitor } from '../support/form-visitor.ts'
import { chargeRef } from '../support/provider-bench.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(async () => await shop.close())

const parts = () => {
  const { config, clock, log } = shop.context
  return { config, clock, outgoing: createOutgoing({ allowedHosts: outgoingHosts(config), log, clock }) }
}
const pathOf = (url: string | undefined): string => (url === undefined ? '/nowhere' : `${new URL(url).pathname}${new URL(url).search}`)
const form = (values: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(values),
})

test('Paystack’s page takes a refused card, another one and nothing twice, by plain forms', async () => {
  const { config, clock, outgoing } = parts()
  if (config.paystack === undefined) throw new Error('the sandbox is on in tests')
  const charge = chargeRef()
  const { nextAction } = await createPaystack({ paystack: config.paystack, clock, outgoing, fallbackEmail: config.supportEmail }).start(
    charge,
  )
  const visitor = formVisitor(shop)
  const address = pathOf(nextAction?.url)
  const page = await visitor.get(address)
  expectWholePage(page)
  expect(page.html).toContain('2,500.50')
  const refused = await visitor.send(page.form(/checkout/), { do: 'card', card: '4084080000670037' })
  expect(refused.path).toBe(address)
  expect(refused.html).toContain('Insufficient Funds')
  const paid = await visitor.raw(address, form({ do: 'card', card: '4084084084084081' }))
  expect([paid.status, paid.headers.get('location')]).toEqual([
    303,
    `${charge.returnUrl}?trxref=${charge.reference}&reference=${charge.reference}`,
  ])
  expect(paystackSimulatorOf(shop.context)?.payment(charge.reference)?.status).toBe('success')
  expect((await visitor.get(address)).html).toContain('This payment is done')
  expect((await visitor.get('/sandbox/paystack/checkout/none')).status).toBe(404)
})

test('PayPal’s page approves or goes back, by plain forms', async () => {
  const { config, clock, outgoing } = parts()
  if (config.paypal === undefined) throw new Error('the sandbox is on in tests')
  const provider = createPaypal({ paypal: config.paypal, clock, outgoing })
  const charge = chargeRef({ providerAmountMinor: 1_938n, providerCurrency: 'USD' })
  const { nextAction, sessionRef = '' } = await provider.start(charge)
  const visitor = formVisitor(shop)
  const page = await visitor.get(pathOf(nextAction?.url))
  expectWholePage(page)
  expect(page.html).toContain('$19.38')
  const back = await visitor.raw('/sandbox/paypal/checkoutnow', form({ token: sessionRef, do: 'cancel' }))
  expect(back.headers.get('location')).toBe(`${charge.returnUrl}?token=${sessionRef}`)
  const approved = await visitor.raw('/sandbox/paypal/checkoutnow', form({ token: sessionRef, do: 'approve' }))
  expect(approved.headers.get('location')).toBe(`${charge.returnUrl}?token=${sessionRef}&PayerID=SANDBOXPAYER1`)
  expect(paypalSimulatorOf(shop.context)?.order(sessionRef)?.status).toBe('APPROVED')
  expect((await visitor.get(pathOf(nextAction?.url))).html).toContain('You have approved this payment')
  expect((await visitor.get('/sandbox/paypal/checkoutnow?token=none')).status).toBe(404)
})

test('neither simulator is there where the sandbox is off', async () => {
  const closed = await openShop({ environment: { SANDBOX: 'off' } })
  for (const path of [
    '/sandbox/paystack/transaction/verify/x',
    '/sandbox/paypal/checkoutnow?token=x',
    '/sandbox/paypal/v1/notifications/certs/root',
    '/sandbox/paystack/control/knobs',
  ])
    expect((await closed.fetch(path)).status).toBe(404)
  await closed.close()
})
