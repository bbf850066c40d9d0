/** How the payment providers are reached: their settings, read through the readers of config.ts. Without keys a provider is absent in production and simulated elsewhere. */
import { isIP } from 'node:net'
import { loopbackHost, sampleWords } from './config.shapes.ts'

/** Safaricom Daraja settings (design: payments.md sections 4 and 14). */
export interface MpesaConfig {
  readonly consumerKey: string
  readonly consumerSecret: string
  readonly shortCode: string
  readonly passkey: string
  readonly transactionType: 'CustomerPayBillOnline' | 'CustomerBuyGoodsOnline'
  readonly baseUrl: string
  /** Where Daraja can reach us; the public address unless told otherwise. */
  readonly callbackBaseUrl: string
  readonly maxKes: number
  /** Who may send money back by reversal, with the password as Safaricom's certificate encrypted it. Undefined: refunds are sent by hand. */
  readonly initiator: { readonly name: string; readonly securityCredential: string } | undefined
  /** Addresses callbacks may come from; empty: any. */
  readonly allowedAddresses: readonly string[]
  /** True when the base address is our own simulator. */
  readonly simulated: boolean
}

/** Stripe settings (design: payments.md sections 2 and 14). */
export interface StripeConfig {
  readonly secretKey: string
  readonly publishableKey: string
  /** Two while the endpoint's secret is being changed. */
  readonly webhookSecrets: readonly string[]
  readonly host: string
  readonly port: number
  readonly protocol: 'https' | 'http'
  /** The three above as one address; the simulator lives under a path. */
  readonly baseUrl: string
  /** True when the address is our own simulator. */
  readonly simulated: boolean
}

/** Paystack settings (design: payments.md sections 3 and 14). */
export interface PaystackConfig {
  /** The first calls and verifies; a second one only verifies, while the key is being changed. */
  readonly secretKeys: readonly string[]
  readonly publicKey: string
  readonly baseUrl: string
  /** True when the base address is our own simulator. */
  readonly simulated: boolean
}

/** PayPal settings (design: payments.md sections 5 and 14). */
export interface PaypalConfig {
  readonly clientId: string
  readonly clientSecret: string
  /** The id of our registered webhook, which every signature covers. */
  readonly webhookId: string
  readonly mode: 'live' | 'sandbox'
  readonly baseUrl: string
  /** KES for one US dollar, as decimal text: PayPal takes no KES. */
  readonly fxKesPerUsd: string
  /** `local`: with PayPal's certificate; `remote`: by asking PayPal. */
  readonly verify: 'local' | 'remote'
  /** Hosts whose certificates count, as `URL.host` writes them. */
  readonly certHosts: readonly string[]
  /** True when the base address is our own simulator. */
  readonly simulated: boolean
}

// The simulator's keys are published on purpose: they open nothing but the simulator.
const simulatedMpesa = {
  consumerKey: 'sandbox-consumer',
  consumerSecret: 'sandbox-consumer-pass',
  shortCode: '174379',
  passkey: 'sandbox-passkey',
}
const simulatedStripe = { secretKey: 'sk_test_sandbox', publishableKey: 'pk_test_sandbox', webhookSecrets: ['whsec_sandbox'] }
const simulatedPaystack = { secretKeys: ['sk_test_sandbox_paystack'], publicKey: 'pk_test_sandbox_paystack' }
const simulatedPaypal = { clientId: 'sandbox-client', clientSecret: 'sandbox-client-pass', webhookId: 'WH-SANDBOX' }

type Whole = (name: string, fallback: number, least: number, most: number) => number
type OneOf = <Value extends string>(name: string, values: readonly Value[], fallback: Value) => Value

/** Reads the settings of M-Pesa; refuses half of them, samples and test keys in production. */
export function readMpesa(
  text: (name: string) => string | undefined,
  address: (name: string, protocols: readonly string[]) => string | undefined,
  shop: { isProduction: boolean; sandbox: boolean; port: number; publicUrl: string },
  whole: Whole,
  oneOf: OneOf,
  refuse: (line: string) => void,
): MpesaConfig | undefined {
  const given = {
    consumerKey: text('MPESA_CONSUMER_KEY'),
    consumerSecret: text('MPESA_CONSUMER_SECRET'),
    shortCode: text('MPESA_SHORTCODE'),
    passkey: text('MPESA_PASSKEY'),
  }
  const baseUrl = address('MPESA_BASE_URL', ['http:', 'https:'])
  const callbackBaseUrl = address('MPESA_CALLBACK_BASE_URL', ['http:', 'https:'])
  const transactionType = oneOf('MPESA_TRANSACTION_TYPE', ['CustomerPayBillOnline', 'CustomerBuyGoodsOnline'], 'CustomerPayBillOnline')
  const maxKes = whole('MPESA_MAX_KES', 250_000, 1, 999_999)
  const rights = allOrNone('The right to reverse', ['MPESA_INITIATOR_NAME', 'MPESA_SECURITY_CREDENTIAL'], text, refuse)
  const initiator =
    rights === 'all' ? { name: text('MPESA_INITIATOR_NAME') ?? '', securityCredential: text('MPESA_SECURITY_CREDENTIAL') ?? '' } : undefined
  const allowedAddresses = commaList(text('MPESA_IP_ALLOWLIST'))
  for (const each of allowedAddresses) if (isIP(each) === 0) refuse('MPESA_IP_ALLOWLIST must hold IP addresses, separated by commas.')
  const names = {
    consumerKey: 'MPESA_CONSUMER_KEY',
    consumerSecret: 'MPESA_CONSUMER_SECRET',
    shortCode: 'MPESA_SHORTCODE',
    passkey: 'MPESA_PASSKEY',
  } as const
  const missing = (Object.keys(names) as (keyof typeof names)[]).filter((key) => given[key] === undefined)
  if (missing.length > 0 && missing.length < 4) refuse(`M-Pesa is half configured: ${missing.map((key) => names[key]).join(', ')} missing.`)
  if (missing.length > 0) {
    if (shop.isProduction || !shop.sandbox) return undefined
    // No keys outside production: our own simulator stands in, reached over HTTP like the real one. Port 0 is filled in after listening.
    const own = `http://127.0.0.1:${shop.port}`
    return {
      ...simulatedMpesa,
      transactionType,
      baseUrl: baseUrl ?? `${own}/sandbox/mpesa`,
      callbackBaseUrl: callbackBaseUrl ?? own,
      maxKes,
      initiator,
      allowedAddresses,
      simulated: true,
    }
  }
  if (shop.isProduction) {
    if (baseUrl !== undefined && !baseUrl.startsWith('https:')) refuse('MPESA_BASE_URL must start with https:// in production.')
    if (baseUrl !== undefined && /sandbox|simulator|127\.0\.0\.1|localhost/.test(baseUrl))
      refuse('MPESA_BASE_URL points at a simulator or sandbox.')
    if (callbackBaseUrl !== undefined && !callbackBaseUrl.startsWith('https:'))
      refuse('MPESA_CALLBACK_BASE_URL must start with https:// in production.')
    for (const key of ['consumerKey', 'consumerSecret', 'passkey'] as const) {
      const value = given[key] ?? ''
      if (value.length < 12 || sampleWords.test(value)) refuse(`${names[key]} looks like a sample or is too short.`)
    }
    if (initiator !== undefined && initiator.securityCredential.length < 100)
      refuse('MPESA_SECURITY_CREDENTIAL is not what the certificate of Safaricom makes of a password.')
    if (given.shortCode === '174379') refuse('MPESA_SHORTCODE is the public sandbox short code.')
  }
  return {
    consumerKey: given.consumerKey ?? '',
    consumerSecret: given.consumerSecret ?? '',
    shortCode: given.shortCode ?? '',
    passkey: given.passkey ?? '',
    transactionType,
    baseUrl: baseUrl ?? 'https://api.safaricom.co.ke',
    callbackBaseUrl: callbackBaseUrl ?? shop.publicUrl,
    maxKes,
    initiator,
    allowedAddresses,
    simulated: false,
  }
}

type Text = (name: string) => string | undefined
type Address = (name: string, protocols: readonly string[]) => string | undefined
type Refuse = (line: string) => void

/** Which of the settings that only work together are there. `half` has been refused already. */
function allOrNone(provider: string, names: readonly string[], text: Text, refuse: Refuse): 'all' | 'none' | 'half' {
  const missing = names.filter((name) => text(name) === undefined)
  if (missing.length === names.length) return 'none'
  if (missing.length === 0) return 'all'
  refuse(`${provider} is half configured: ${missing.join(', ')} missing.`)
  return 'half'
}

/** Refuses keys of the provider's test mode, and keys too short or too plain to be keys. */
function checkKeys(name: string, keys: readonly string[], live: RegExp, refuse: Refuse): void {
  if (keys.some((key) => /^(sk|rk|pk)_test_/.test(key))) return refuse(`${name} is a test key; production takes live keys only.`)
  if (keys.length === 0 || keys.some((key) => !live.test(key))) return refuse(`${name} does not look like a key of the provider.`)
  if (keys.some((key) => key.length < 20 || sampleWords.test(key.replace(/^[a-z]+_(live_)?/, ''))))
    refuse(`${name} looks like a sample or is too short.`)
}

const commaList = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function checkBaseUrl(name: string, baseUrl: string | undefined, refuse: Refuse): void {
  if (baseUrl === undefined) return
  if (!baseUrl.startsWith('https:')) return refuse(`${name} must start with https:// in production.`)
  if (/sandbox|simulator/.test(baseUrl) || loopbackHost.test(new URL(baseUrl).hostname)) refuse(`${name} points at a simulator or sandbox.`)
}

/** Reads the settings of Stripe; refuses half of them, samples and test keys in production. */
export function readStripe(
  text: Text,
  shop: { isProduction: boolean; sandbox: boolean; port: number },
  whole: Whole,
  oneOf: OneOf,
  refuse: Refuse,
): StripeConfig | undefined {
  const standing = allOrNone('Stripe', ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET'], text, refuse)
  const isSimulated = standing === 'none' && shop.sandbox && !shop.isProduction
  const host = text('STRIPE_API_HOST') ?? (isSimulated ? '127.0.0.1' : 'api.stripe.com')
  const protocol = oneOf('STRIPE_API_PROTOCOL', ['https', 'http'], isSimulated ? 'http' : 'https')
  const port = whole('STRIPE_API_PORT', isSimulated ? shop.port : protocol === 'https' ? 443 : 80, 0, 65_535)
  if (!/^[a-z0-9.-]{1,255}$/i.test(host)) refuse('STRIPE_API_HOST must be a host name.')
  if (standing === 'half' || (standing === 'none' && !isSimulated)) return undefined
  const address = {
    host,
    port,
    protocol,
    baseUrl: `${protocol}://${host}:${port}${isSimulated ? '/sandbox/stripe' : ''}`,
    simulated: isSimulated,
  }
  if (isSimulated) return { ...simulatedStripe, ...address }
  const secretKey = text('STRIPE_SECRET_KEY') ?? ''
  const publishableKey = text('STRIPE_PUBLISHABLE_KEY') ?? ''
  const webhookSecrets = commaList(text('STRIPE_WEBHOOK_SECRET'))
  if (shop.isProduction) {
    checkKeys('STRIPE_SECRET_KEY', [secretKey], /^(sk|rk)_live_/, refuse)
    checkKeys('STRIPE_PUBLISHABLE_KEY', [publishableKey], /^pk_live_/, refuse)
    checkKeys('STRIPE_WEBHOOK_SECRET', webhookSecrets, /^whsec_/, refuse)
    checkBaseUrl('STRIPE_API_HOST', address.baseUrl, refuse)
  }
  // An empty part of the list would verify everything that is signed with nothing.
  else if (webhookSecrets.length === 0) refuse('STRIPE_WEBHOOK_SECRET holds no secret.')
  return { secretKey, publishableKey, webhookSecrets, ...address }
}

/** Reads the settings of Paystack; refuses half of them, samples and test keys in production. */
export function readPaystack(
  text: Text,
  address: Address,
  shop: { isProduction: boolean; sandbox: boolean; port: number },
  refuse: Refuse,
): PaystackConfig | undefined {
  const baseUrl = address('PAYSTACK_BASE_URL', ['http:', 'https:'])
  const standing = allOrNone('Paystack', ['PAYSTACK_SECRET_KEY', 'PAYSTACK_PUBLIC_KEY'], text, refuse)
  if (standing === 'none' && shop.sandbox && !shop.isProduction)
    return { ...simulatedPaystack, baseUrl: baseUrl ?? `http://127.0.0.1:${shop.port}/sandbox/paystack`, simulated: true }
  if (standing !== 'all') return undefined
  const secretKeys = commaList(text('PAYSTACK_SECRET_KEY'))
  const publicKey = text('PAYSTACK_PUBLIC_KEY') ?? ''
  if (shop.isProduction) {
    checkKeys('PAYSTACK_SECRET_KEY', secretKeys, /^sk_live_/, refuse)
    checkKeys('PAYSTACK_PUBLIC_KEY', [publicKey], /^pk_live_/, refuse)
    checkBaseUrl('PAYSTACK_BASE_URL', baseUrl, refuse)
  } else if (secretKeys.length === 0) refuse('PAYSTACK_SECRET_KEY holds no key.')
  return { secretKeys, publicKey, baseUrl: baseUrl ?? 'https://api.paystack.co', simulated: false }
}

// The only hosts PayPal serves its signing certificates from.
const paypalCertHosts = {
  live: ['api.paypal.com', 'api-m.paypal.com'],
  sandbox: ['api.sandbox.paypal.com', 'api-m.sandbox.paypal.com'],
} as const
const paypalAddress = { live: 'https://api-m.paypal.com', sandbox: 'https://api-m.sandbox.paypal.com' } as const

/** Reads the settings of PayPal; refuses half of them, samples and test keys in production. */
export function readPaypal(
  text: Text,
  address: Address,
  shop: { isProduction: boolean; sandbox: boolean; port: number },
  oneOf: OneOf,
  refuse: Refuse,
): PaypalConfig | undefined {
  const baseUrl = address('PAYPAL_BASE_URL', ['http:', 'https:'])
  const verify = oneOf('PAYPAL_WEBHOOK_VERIFY', ['local', 'remote'], 'local')
  const mode = oneOf('PAYPAL_MODE', ['live', 'sandbox'], shop.isProduction ? 'live' : 'sandbox')
  const fxKesPerUsd = text('PAYPAL_FX_KES_PER_USD')
  if (fxKesPerUsd !== undefined && (!/^\d{1,6}(\.\d{1,6})?$/.test(fxKesPerUsd) || Number(fxKesPerUsd) < 1))
    refuse('PAYPAL_FX_KES_PER_USD must be a decimal such as 129.25.')
  const givenHosts = commaList(text('PAYPAL_CERT_HOSTS')).map((host) => host.toLowerCase())
  const standing = allOrNone('PayPal', ['PAYPAL_CLIENT_ID', 'PAYPAL_CLIENT_SECRET', 'PAYPAL_WEBHOOK_ID'], text, refuse)
  if (standing === 'none' && shop.sandbox && !shop.isProduction) {
    const own = `127.0.0.1:${shop.port}`
    return {
      ...simulatedPaypal,
      mode: 'sandbox',
      baseUrl: baseUrl ?? `http://${own}/sandbox/paypal`,
      fxKesPerUsd: fxKesPerUsd ?? '129.00',
      verify,
      certHosts: givenHosts.length > 0 ? givenHosts : [own],
      simulated: true,
    }
  }
  if (standing !== 'all') return undefined
  // A rate that nobody set would sell at yesterday's price for years.
  if (fxKesPerUsd === undefined) refuse('PAYPAL_FX_KES_PER_USD is required with PayPal, which takes no KES.')
  const given = {
    clientId: text('PAYPAL_CLIENT_ID') ?? '',
    clientSecret: text('PAYPAL_CLIENT_SECRET') ?? '',
    webhookId: text('PAYPAL_WEBHOOK_ID') ?? '',
  }
  if (shop.isProduction) {
    if (mode !== 'live') refuse('PAYPAL_MODE must be live in production.')
    for (const [name, value] of [
      ['PAYPAL_CLIENT_ID', given.clientId],
      ['PAYPAL_CLIENT_SECRET', given.clientSecret],
    ] as const) {
      if (value.length < 20 || sampleWords.test(value)) refuse(`${name} looks like a sample or is too short.`)
    }
    if (given.webhookId.length < 10 || sampleWords.test(given.webhookId)) refuse('PAYPAL_WEBHOOK_ID looks like a sample or is too short.')
    checkBaseUrl('PAYPAL_BASE_URL', baseUrl, refuse)
    if (givenHosts.some((host) => !(paypalCertHosts.live as readonly string[]).includes(host)))
      refuse('PAYPAL_CERT_HOSTS may hold only the live hosts of PayPal in production.')
  }
  return {
    ...given,
    mode,
    baseUrl: baseUrl ?? paypalAddress[mode],
    fxKesPerUsd: fxKesPerUsd ?? '0',
    verify,
    certHosts: givenHosts.length > 0 ? givenHosts : paypalCertHosts[mode],
    simulated: false,
  }
}
