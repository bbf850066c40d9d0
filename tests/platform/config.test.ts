import { describe, expect, test } from 'bun:test'
import { ConfigError, type Environment, readConfig } from '../../src/platform/config.ts'

// Random-looking on purpose: a production secret that reads like a word is refused.
const strongSecret = 'q7Zr0vN2xK9mT4wB8yH3uJ6eC1pL5sDgQfVtRnMk'
const production: Environment = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://rahim@db.internal:5432/rahim',
  REDIS_URL: 'rediss://cache.internal:6379',
  APP_SECRET: strongSecret,
  PUBLIC_URL: 'https://rahim.co.ke',
}

const problemsOf = (environment: Environment): readonly string[] => {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('production', () => {
  test('a complete configuration boots, is frozen, and has no simulator', () => {
    const config = readConfig(production)
    expect(Object.isFrozen(config) && Object.isFrozen(config.limits)).toBe(true)
    expect(config.sandbox).toBe(false)
    expect(config.mpesa).toBeUndefined()
    expect(config.allowedHosts).toEqual(['rahim.co.ke'])
  })

  const refused: [what: string, change: Environment, line: RegExp][] = [
    ['no database', { DATABASE_URL: '' }, /^DATABASE_URL is required/],
    ['no Redis', { REDIS_URL: undefined }, /^REDIS_URL is required/],
    ['no secret', { APP_SECRET: undefined }, /^APP_SECRET is required/],
    ['a short secret', { APP_SECRET: 'q7Zr0vN2xK9mT4wB8yH3uJ6' }, /^APP_SECRET is shorter than 32/],
    [
      'the development default',
      { APP_SECRET: 'development-only-secret-that-production-refuses' },
      /^APP_SECRET is the development default/,
    ],
    ['a sample secret', { APP_SECRET: 'change-me-change-me-change-me-change-me' }, /^APP_SECRET looks like a sample/],
    ['a secret of one letter', { APP_SECRET: 'z'.repeat(64) }, /^APP_SECRET looks like a sample/],
    ['no public address', { PUBLIC_URL: undefined }, /^PUBLIC_URL is required/],
    ['a plain-http address', { PUBLIC_URL: 'http://rahim.co.ke' }, /^PUBLIC_URL must start with https/],
    ['a placeholder host', { PUBLIC_URL: 'https://shop.example.com' }, /^PUBLIC_URL names a placeholder host/],
    ['localhost', { PUBLIC_URL: 'https://localhost' }, /^PUBLIC_URL names a placeholder host/],
    ['a wildcard host', { ALLOWED_HOSTS: '*' }, /^ALLOWED_HOSTS may not hold a wildcard/],
    ['a placeholder in the host list', { ALLOWED_HOSTS: 'rahim.co.ke,yourdomain.com' }, /^ALLOWED_HOSTS holds a placeholder/],
    ['the simulators', { SANDBOX: 'on' }, /^SANDBOX must be off/],
    ['seeding', { SEED: 'auto' }, /^SEED must be off/],
    ['half an M-Pesa', { MPESA_CONSUMER_KEY: 'k9Q2w8E4r7T1y6U3' }, /^M-Pesa is half configured/],
    ['mail by another way', { SMTP_URL: 'https://mail.internal', MAIL_FROM: 'a@rahim.co.ke' }, /^SMTP_URL must be an address/],
    ['a placeholder mail server', { SMTP_URL: 'smtp://smtp.example.com', MAIL_FROM: 'a@rahim.co.ke' }, /^SMTP_URL names a placeholder/],
    [
      'a sample mail password',
      { SMTP_URL: 'smtps://shop:change-me@mail.internal', MAIL_FROM: 'a@rahim.co.ke' },
      /^SMTP_URL holds a sample/,
    ],
    ['a sender that does not exist', { SMTP_URL: 'smtps://mail.internal' }, /^MAIL_FROM must be an address that takes answers/],
    ['a sender with a name', { MAIL_FROM: 'Rahim <a@rahim.co.ke>' }, /^MAIL_FROM must be one e-mail address/],
    ['a database of another kind', { DATABASE_URL: 'mysql://db/rahim' }, /^DATABASE_URL must be an address/],
    ['a port that is none', { PORT: '99999' }, /^PORT must be a whole number/],
    ['an environment that is none', { NODE_ENV: 'prod' }, /^NODE_ENV must be one of/],
    ['a log level that is none', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
    ['staff without a second factor', { STAFF_SECOND_FACTOR: 'optional' }, /^STAFF_SECOND_FACTOR must be required/],
    ['a second factor that is neither', { STAFF_SECOND_FACTOR: 'yes' }, /^STAFF_SECOND_FACTOR must be one of/],
    ['no throttles', { THROTTLES: 'off' }, /^THROTTLES must be on/],
    ['a rate of nothing', { RATE_GUEST_PER_MINUTE: '0' }, /^RATE_GUEST_PER_MINUTE must be a whole number/],
    ['a rate that is no number', { RATE_LOGIN_PER_MINUTE: 'many' }, /^RATE_LOGIN_PER_MINUTE must be a whole number/],
    ['sessions that outlive themselves', { SESSION_DAYS: '7', SESSION_IDLE_DAYS: '14' }, /^SESSION_IDLE_DAYS may not be longer/],
    ['a proof that stays fresh for a day', { STEP_UP_MINUTES: '1440' }, /^STEP_UP_MINUTES must be a whole number/],
    ['every origin', { CORS_ORIGINS: '*' }, /^CORS_ORIGINS may not hold a wildcard/],
    ['an origin with a path', { CORS_ORIGINS: 'https://app.rahim.co.ke/x' }, /^CORS_ORIGINS must hold origins/],
    ['an origin in plain http', { CORS_ORIGINS: 'http://app.rahim.co.ke' }, /^CORS_ORIGINS may hold only https/],
    ['room for nobody', { MAX_IN_FLIGHT: '1' }, /^MAX_IN_FLIGHT must be a whole number/],
    ['more proxies than there are', { TRUSTED_PROXIES: '99' }, /^TRUSTED_PROXIES must be a whole number/],
  ]
  test.each(refused)('%s is refused with one clear line', (_what, change, line) => {
    const problems = problemsOf({ ...production, ...change })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(line)
  })

  test('everything that is wrong is said at once, and no secret is repeated', () => {
    const problems = problemsOf({ NODE_ENV: 'production', APP_SECRET: 'change-me' })
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL', 'APP_SECRET'])
    expect(problems.join()).not.toContain('change-me')
  })

  const mpesa: Environment = {
    MPESA_CONSUMER_KEY: 'k9Q2w8E4r7T1y6U3',
    MPESA_CONSUMER_SECRET: 'm3N8b5V2c7X4z9L6',
    MPESA_SHORTCODE: '600123',
    MPESA_PASSKEY: 'f4G7h2J9k5L8p3O6',
  }
  test.each([
    ['a simulator', { MPESA_BASE_URL: 'https://127.0.0.1:3000/sandbox/mpesa' }, /simulator or sandbox/],
    ['the provider’s sandbox', { MPESA_BASE_URL: 'https://sandbox.safaricom.co.ke' }, /simulator or sandbox/],
    ['a plain address', { MPESA_BASE_URL: 'http://api.safaricom.co.ke' }, /must start with https/],
    ['the public sandbox short code', { MPESA_SHORTCODE: '174379' }, /public sandbox short code/],
    ['a short key', { MPESA_PASSKEY: 'f4G7h2' }, /^MPESA_PASSKEY looks like a sample/],
  ] as [string, Environment, RegExp][])('M-Pesa with %s is refused', (_what, change, line) => {
    expect(problemsOf({ ...production, ...mpesa, ...change }).join('\n')).toMatch(line)
    expect(problemsOf({ ...production, ...mpesa })).toEqual([])
  })
})

// Random-looking and of no use anywhere: the form of a live key is all that is checked.
const part = 'q7Zr0vN2xK9mT4wB8yH3uJ6eC1pL5'
const providers: Record<'stripe' | 'paystack' | 'paypal', Environment> = {
  stripe: { STRIPE_SECRET_KEY: `sk_live_${part}`, STRIPE_PUBLISHABLE_KEY: `pk_live_${part}`, STRIPE_WEBHOOK_SECRET: `whsec_${part}` },
  paystack: { PAYSTACK_SECRET_KEY: `sk_live_${part}`, PAYSTACK_PUBLIC_KEY: `pk_live_${part}` },
  paypal: { PAYPAL_CLIENT_ID: part, PAYPAL_CLIENT_SECRET: part, PAYPAL_WEBHOOK_ID: '7HK38291LM550412X', PAYPAL_FX_KES_PER_USD: '129.25' },
}

describe('card, Paystack and PayPal in production', () => {
  test.each(['stripe', 'paystack', 'paypal'] as const)('%s with live keys is switched on, and without any it is off', (name) => {
    expect(readConfig({ ...production, ...providers[name] })[name]).toMatchObject({ simulated: false })
    expect(readConfig(production)[name]).toBeUndefined()
  })

  test('two secrets may be named while one is being changed', () => {
    const config = readConfig({
      ...production,
      ...providers.stripe,
      ...providers.paystack,
      STRIPE_WEBHOOK_SECRET: `whsec_${part}, whsec_${part}2`,
      PAYSTACK_SECRET_KEY: `sk_live_${part},sk_live_${part}2`,
    })
    expect(config.stripe?.webhookSecrets).toEqual([`whsec_${part}`, `whsec_${part}2`])
    expect(config.paystack?.secretKeys).toEqual([`sk_live_${part}`, `sk_live_${part}2`])
  })

  test.each([
    ['stripe', 'a test key', { STRIPE_SECRET_KEY: `sk_test_${part}` }, /^STRIPE_SECRET_KEY is a test key/],
    ['stripe', 'a test page key', { STRIPE_PUBLISHABLE_KEY: `pk_test_${part}` }, /^STRIPE_PUBLISHABLE_KEY is a test key/],
    ['stripe', 'a key of another kind', { STRIPE_SECRET_KEY: part }, /^STRIPE_SECRET_KEY does not look like/],
    ['stripe', 'a short secret', { STRIPE_WEBHOOK_SECRET: 'whsec_q7Zr0v' }, /^STRIPE_WEBHOOK_SECRET looks like a sample/],
    [
      'stripe',
      'a second secret that is short',
      { STRIPE_WEBHOOK_SECRET: `whsec_${part},whsec_1` },
      /^STRIPE_WEBHOOK_SECRET looks like a sample/,
    ],
    [
      'stripe',
      'a sample secret',
      { STRIPE_WEBHOOK_SECRET: 'whsec_your-endpoint-secret-here' },
      /^STRIPE_WEBHOOK_SECRET looks like a sample/,
    ],
    ['stripe', 'only commas', { STRIPE_WEBHOOK_SECRET: ',' }, /^STRIPE_WEBHOOK_SECRET does not look like/],
    ['stripe', 'plain http', { STRIPE_API_PROTOCOL: 'http' }, /^STRIPE_API_HOST must start with https/],
    ['stripe', 'a simulator', { STRIPE_API_HOST: '127.0.0.1' }, /^STRIPE_API_HOST points at a simulator/],
    ['stripe', 'no signing secret', { STRIPE_WEBHOOK_SECRET: undefined }, /^Stripe is half configured: STRIPE_WEBHOOK_SECRET missing/],
    ['paystack', 'a test key', { PAYSTACK_SECRET_KEY: `sk_test_${part}` }, /^PAYSTACK_SECRET_KEY is a test key/],
    [
      'paystack',
      'an old test key in the list',
      { PAYSTACK_SECRET_KEY: `sk_live_${part},sk_test_${part}` },
      /^PAYSTACK_SECRET_KEY is a test key/,
    ],
    ['paystack', 'a short key', { PAYSTACK_SECRET_KEY: 'sk_live_q7Zr0' }, /^PAYSTACK_SECRET_KEY looks like a sample/],
    ['paystack', 'plain http', { PAYSTACK_BASE_URL: 'http://api.paystack.co' }, /^PAYSTACK_BASE_URL must start with https/],
    [
      'paystack',
      'a simulator',
      { PAYSTACK_BASE_URL: 'https://localhost:3000/sandbox/paystack' },
      /^PAYSTACK_BASE_URL points at a simulator/,
    ],
    ['paystack', 'half its keys', { PAYSTACK_PUBLIC_KEY: undefined }, /^Paystack is half configured: PAYSTACK_PUBLIC_KEY missing/],
    ['paypal', 'sandbox mode', { PAYPAL_MODE: 'sandbox' }, /^PAYPAL_MODE must be live/],
    ['paypal', 'the sandbox host', { PAYPAL_BASE_URL: 'https://api-m.sandbox.paypal.com' }, /^PAYPAL_BASE_URL points at a simulator/],
    ['paypal', 'plain http', { PAYPAL_BASE_URL: 'http://api-m.paypal.com' }, /^PAYPAL_BASE_URL must start with https/],
    [
      'paypal',
      'certificates from elsewhere',
      { PAYPAL_CERT_HOSTS: 'api.paypal.com,certs.rahim.co.ke' },
      /^PAYPAL_CERT_HOSTS may hold only/,
    ],
    ['paypal', 'a short secret', { PAYPAL_CLIENT_SECRET: 'q7Zr0' }, /^PAYPAL_CLIENT_SECRET looks like a sample/],
    ['paypal', 'no rate', { PAYPAL_FX_KES_PER_USD: undefined }, /^PAYPAL_FX_KES_PER_USD is required/],
    ['paypal', 'a rate that is none', { PAYPAL_FX_KES_PER_USD: '129,25' }, /^PAYPAL_FX_KES_PER_USD must be a decimal/],
    ['paypal', 'half its keys', { PAYPAL_WEBHOOK_ID: undefined }, /^PayPal is half configured: PAYPAL_WEBHOOK_ID missing/],
  ] as [keyof typeof providers, string, Environment, RegExp][])(
    '%s with %s is refused with one clear line',
    (name, _what, change, line) => {
      const problems = problemsOf({ ...production, ...providers[name], ...change })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(line)
      expect(problems[0]).not.toContain(part)
    },
  )
})

describe('development', () => {
  test('every provider is simulated at an address of our own, and only while the sandbox is on', () => {
    const config = readConfig({ PORT: '4100' })
    expect([config.stripe, config.paystack, config.paypal].map((each) => [each?.simulated, each?.baseUrl])).toEqual([
      [true, 'http://127.0.0.1:4100/sandbox/stripe'],
      [true, 'http://127.0.0.1:4100/sandbox/paystack'],
      [true, 'http://127.0.0.1:4100/sandbox/paypal'],
    ])
    const bare = readConfig({ SANDBOX: 'off' })
    expect([bare.mpesa, bare.stripe, bare.paystack, bare.paypal]).toEqual([undefined, undefined, undefined, undefined])
  })

  test('needs nothing at all, and M-Pesa is simulated', () => {
    const config = readConfig({})
    expect(config.databaseUrl).toBeUndefined()
    expect(config.sandbox).toBe(true)
    expect(config.mpesa?.simulated).toBe(true)
  })
})
