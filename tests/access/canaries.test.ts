import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Secret, TOTP } from 'otpauth'
import { createErrorReports } from '../../src/platform/error-reports.ts'
import { createLog } from '../../src/platform/log.ts'
import { registered, tokenIn } from '../accounts/account-person.ts'
import { packed } from '../delivery/delivery-story.ts'
import { guest, person, type Visitor } from '../support/actors.ts'
import { makePerson, makeVariant, testPassword } from '../support/factories.ts'
import { payByPhone } from '../support/phone-payment.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket } from '../support/socket-probe.ts'

/**
 * Forty values that must not get out: secrets of the shop, secrets of people, and what people are. `own`: their owner is shown them
 * (once, or in their own order); everything else, and every log, metric and error report, must not hold them.
 */
const canaries = new Map<string, { value: string; seenBy: 'nobody' | 'own' }>()
const plant = (name: string, value: string, seenBy: 'nobody' | 'own' = 'nobody'): string => {
  if (value.length < 6) throw new Error(`${name} is too short to be found`)
  canaries.set(name, { value, seenBy })
  return value
}

// Everything that came out, by who could read it.
const out = {
  owner: [] as string[],
  others: [] as string[],
  log: [] as string[],
  reports: [] as string[],
  metrics: [] as string[],
  frames: [] as string[],
}

const environment = {
  APP_SECRET: plant('the server secret', 'canaryAppq7Zr0vN2xK9mT4wB8yH3uJ6eC1pL5s'),
  STRIPE_SECRET_KEY: plant('the Stripe key', 'sk_test_canaryStripe0123456789'),
  STRIPE_PUBLISHABLE_KEY: 'pk_test_public0123456789',
  STRIPE_WEBHOOK_SECRET: plant('the Stripe signing secret', 'whsec_canaryStripeHook0123456'),
  PAYSTACK_SECRET_KEY: plant('the Paystack key', 'sk_test_canaryPaystack0123456'),
  PAYSTACK_PUBLIC_KEY: 'pk_test_public9876543210',
  PAYPAL_CLIENT_ID: plant('the PayPal client', 'canaryPaypalClient0123456'),
  PAYPAL_CLIENT_SECRET: plant('the PayPal secret', 'canaryPaypalSecret0123456'),
  PAYPAL_WEBHOOK_ID: plant('the PayPal hook', 'canaryHook0123456'),
  PAYPAL_FX_KES_PER_USD: '129.00',
  METRICS_TOKEN: plant('the metrics token', 'canaryMetricsToken0123456789abcd'),
  SANDBOX: 'on',
}

let shop: TestShop
const sentry = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    out.reports.push(await request.text())
    return Response.json({})
  },
})
const reports = createErrorReports({
  dsn: `http://0123456789abcdef0123456789abcdef@127.0.0.1:${sentry.port}/42`,
  environment: 'test',
  release: '0.0.0',
  log: createLog('silent'),
})

beforeAll(async () => {
  const log = createLog('debug', { write: (line) => void out.log.push(line) }, reports.report)
  shop = await openShop({ environment, overrides: { log } })
})
afterAll(async () => {
  await shop.close()
  await sentry.stop(true)
})

/** Reads an answer, headers and all, and keeps it for the search. */
async function hear(answer: Response, reader: 'owner' | 'others'): Promise<string> {
  const text = await answer.text()
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
  out[reader].push(`${answer.status}\n${headers}\n${text}`)
  return text
}
const hearJson = async (answer: Response, reader: 'owner' | 'others') => JSON.parse(await hear(answer, reader)) as Record<string, string>

describe('forty canaries', () => {
  test('are planted by a person who registers, signs in, buys, pays, is brought the goods and makes mistakes', async () => {
    const email = plant('an e-mail', `canary-mail-${process.pid}@canary.co.ke`, 'own')
    const password = plant('a password', 'canary first passphrase 1')
    const amina = await registered(shop, email, password)
    const activation = shop.context.mailer.recent().find(({ to }) => to === email)?.text ?? ''
    plant('an activation link', tokenIn(activation))
    plant('a session token', amina.token ?? '', 'own')
    plant('a user agent', 'CanaryBrowser/1.0', 'own')
    const own = (answer: Response) => hearJson(answer, 'owner')

    // Passwords, links, codes and keys.
    await hear(
      await shop.post('/api/v1/auth/login', {
        login: plant('a password typed as the login', 'canary-typed-in-the-wrong-field'),
        password: plant('a wrong password', 'canary-wrong-password'),
      }),
      'others',
    )
    await hear(await shop.post('/api/v1/auth/password/forgot', { login: email }), 'others')
    await shop.settle()
    const reset = plant(
      'a reset link',
      tokenIn(shop.context.mailer.recent().find(({ to, subject }) => to === email && subject.includes('new password'))?.text ?? ''),
    )
    const second = plant('a second password', 'canary second passphrase 2')
    await hear(await shop.post('/api/v1/auth/password/reset', { token: reset, password: second }), 'others')
    const login = await shop.post('/api/v1/auth/login', { login: email, password: second }, { 'user-agent': 'CanaryBrowser/1.0' })
    const session = await own(login)
    const mary: Visitor = guest(shop, plant('a second session token', session['token'] ?? '', 'own'), amina.accountId)
    const renewed = await own(
      await mary.post('/api/v1/me/password', { password: second, newPassword: plant('a third password', 'canary third passphrase 3') }),
    )
    const here = guest(shop, plant('a rotated session token', renewed['token'] ?? '', 'own'), amina.accountId)
    const offer = await own(await here.post('/api/v1/me/second-factor'))
    plant('an authenticator secret', offer['secret'] ?? '', 'own')
    const code = (): string => new TOTP({ secret: Secret.fromBase32(offer['secret'] ?? '') }).generate()
    const confirmed = JSON.parse(
      await hear(await here.post('/api/v1/me/second-factor/confirmation', { code: plant('a code', code()) }), 'owner'),
    ) as { token: string; recoveryCodes: string[] }
    plant('a recovery code', confirmed.recoveryCodes[0] ?? '', 'own')
    plant('another recovery code', confirmed.recoveryCodes[1] ?? '', 'own')
    const self = guest(shop, plant('a token after the second factor', confirmed.token, 'own'), amina.accountId)
    await own(await self.get('/api/v1/auth/csrf')).then(({ token = '' }) => plant('a form token', token, 'own'))

    // An order and its payment.
    const variant = await makeVariant(shop.context, shop.catalogue)
    await hear(await self.post('/api/v1/cart/lines', { variantId: variant.variantId, quantity: 1 }), 'owner')
    const phone = '0788123987'
    plant('a phone number', '254788123987', 'own')
    plant('the same number as people write it', '0788123987', 'own')
    const placed = JSON.parse(
      await hear(
        await self.post(
          '/api/v1/checkout',
          {
            contact: { name: plant('a name', 'Canaryname Wanjiku', 'own'), phone },
            address: {
              county: 'Nairobi',
              town: 'Kilimani',
              landmark: plant('a landmark', 'canary blue gate', 'own'),
            },
            note: plant('a note with a card number in it', '4242424242424242', 'own'),
            payment: { method: 'mpesa' },
          },
          { 'idempotency-key': plant('an idempotency key', 'canary-idempotency-key-1') },
        ),
        'owner',
      ),
    ) as { order: { number: string }; orderToken: string }
    plant('the order’s link', placed.orderToken, 'own')
    await payByPhone(shop, phone)
    await hear(await self.get(`/api/v1/orders/${placed.order.number}`), 'owner')
    const [order] = await shop.database.sql`select id from orders where number = ${placed.order.number}`
    const staff = await person(shop, { roles: ['support'] })
    const story = await packed(shop, staff, {
      id: order?.['id'] as string,
      number: placed.order.number,
      token: placed.orderToken,
      shopper: self,
    })
    const socket = await openSocket(`${shop.origin}/ws/delivery/track/${story.id}`, { authorization: `Bearer ${self.token}` })
    await socket.atLeast(1)
    out.frames.push(...socket.frames)
    await socket.close()

    // A program's keys.
    const { email: ownerEmail } = await makePerson(shop.context, { member: { vendorId: shop.catalogue.vendorId, role: 'owner' } })
    const ownerToken = await own(await shop.post('/api/v1/auth/login', { login: ownerEmail, password: testPassword }))
    const owner = guest(shop, ownerToken['token'])
    const key = await own(await owner.post('/api/v1/api-keys', { name: 'canary', scopes: ['orders:read'] }))
    plant('an API key', key['key'] ?? '', 'own')
    const signing = await own(await owner.post('/api/v1/api-keys', { name: 'canary', scopes: ['orders:read'], isSigning: true }))
    plant('a signing secret', signing['signingSecret'] ?? '', 'own')
    await hear(await guest(shop, key['key']).get('/api/v1/me'), 'others')

    // Mistakes, with something in each.
    const mistake = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      await hear(await shop.post(path, body, headers), 'others')
    await mistake('/api/v1/auth/login', { login: 5, password: plant('a password of the wrong type beside it', 'canary-beside-a-mistake') })
    await mistake('/api/v1/auth/register', {
      name: 'x',
      email: 'x@example.co.ke',
      password: plant('a refused password', 'canarycanary'),
      acceptsTerms: 'yes',
    })
    await mistake('/api/v1/auth/activate', { token: plant('a made-up link', 'canary-made-up-token-123') })
    await mistake(`/webhooks/mpesa/${plant('a made-up callback address', 'canary-callback-token')}`, {
      Body: plant('a forged message', 'canary-forged-message'),
    })
    await mistake('/webhooks/paystack', { event: 'x' }, { 'x-paystack-signature': plant('a forged signature', 'canaryforgedsignature') })
    await hear(await shop.fetch(`/api/v1/orders/RAH-7K2M9QXB?token=${plant('a made-up order link', 'canary-order-token')}`), 'others')
    await hear(
      await shop.fetch('/api/v1/me', { headers: { authorization: `Bearer ${plant('a made-up session', 'canary-made-up-session-0123')}` } }),
      'others',
    )
    await hear(
      await shop.fetch('/api/v1/me', { headers: { cookie: `sid=${plant('a made-up cookie', 'canary-made-up-cookie-0123')}` } }),
      'others',
    )
    expect(canaries.size).toBeGreaterThanOrEqual(40)
  }, 60_000)

  test('are read by others who look everywhere, and by everybody when the database fails', async () => {
    const stranger = await person(shop)
    const rider = await person(shop, { isDriver: true })
    for (const visitor of [guest(shop), stranger, rider])
      for (const { method, path } of shop.app.routes.filter(
        ({ method, path }) => method === 'GET' && !/^\/(assets|media|ws|sandbox)(\/|$)/.test(path) && !path.includes('stream'),
      ))
        await hear(
          await visitor.send(method, path.replace(/:number/g, 'RAH-7K2M9QXB').replace(/:\w+|\*/g, '0199f3a0-0000-7000-8000-000000000001')),
          'others',
        )
    const metrics = await shop.fetch('/metrics', { headers: { authorization: `Bearer ${environment.METRICS_TOKEN}` } })
    out.metrics.push(await metrics.text())
    expect(out.metrics[0]?.length).toBeGreaterThan(1_000)

    await shop.database.sql`alter table sessions rename to sessions_gone`
    await hear(
      await shop.fetch('/api/v1/me', { headers: { authorization: `Bearer ${canaries.get('a second session token')?.value}` } }),
      'others',
    )
    await shop.database.sql`alter table sessions_gone rename to sessions`
    await shop.database.sql`alter table registrations rename to registrations_gone`
    await hear(
      await shop.post('/api/v1/auth/register', {
        name: 'Canaryname Wanjiku',
        email: canaries.get('an e-mail')?.value,
        password: canaries.get('a password')?.value,
        acceptsTerms: true,
      }),
      'others',
    )
    await shop.database.sql`alter table registrations_gone rename to registrations`
    await reports.flush()
    expect(out.reports.length).toBeGreaterThan(1)
  }, 60_000)

  test('are in no log, no metric, no error report and no frame, and in no answer to anybody but their owner', () => {
    const found: string[] = []
    for (const [name, { value, seenBy }] of canaries) {
      // A time or an id may hold the same six digits as a code; only a whole word is it.
      const pattern = new RegExp(`(?<![A-Za-z0-9])${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z0-9])`)
      for (const place of ['log', 'reports', 'metrics', 'frames', 'others', ...(seenBy === 'own' ? [] : (['owner'] as const))] as const) {
        const where = out[place].find((text) => pattern.test(text))
        if (where !== undefined) found.push(`${name} in ${place}: ${where.slice(0, 300)}`)
      }
    }
    const sizes = Object.entries(out).map(([place, texts]) => `${place} ${texts.length}`)
    process.stdout.write(`  ${canaries.size} canaries; looked through ${sizes.join(', ')}\n`)
    expect(out.log.length).toBeGreaterThan(100)
    expect(found).toEqual([])
  })
})
