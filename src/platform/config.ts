/**
 * The one place that reads the environment. Every variable is described in .env.example (a test compares the two, both ways).
 * `readConfig` answers a frozen object or throws `ConfigError` with one clear line for each thing that is wrong; in production
 * it refuses missing, sample, short and default secrets, simulators, placeholder hosts and plain-http addresses, so that a
 * half-configured shop never opens (design: product.md section 1, original.md section 11.13).
 */
import { isIP } from 'node:net'
import { type AccessConfig, readAccess } from './access.config.ts'
import { type EtimsConfig, readTax, type SellerConfig } from './tax.config.ts'

/** Everything the process may be told from outside, parsed and checked. */
export interface Config {
  readonly environment: 'development' | 'test' | 'production'
  readonly isProduction: boolean
  readonly port: number
  readonly bindAddress: string
  /** The address people type, without a trailing slash; links and callbacks are built from it, never from a Host header. */
  readonly publicUrl: string
  readonly allowedHosts: readonly string[]
  /** How many proxies in front of us may be believed about the client's address. 0: the socket's address counts. */
  readonly trustedProxies: number
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly databasePrepare: boolean
  readonly redisUrl: string | undefined
  readonly appSecret: string
  readonly seed: 'auto' | 'off'
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly docsEnabled: boolean
  /** Pages and routes of the provider simulators; never in production. */
  readonly sandbox: boolean
  readonly mpesa: MpesaConfig | undefined
  readonly stripe: StripeConfig | undefined
  readonly paystack: PaystackConfig | undefined
  readonly paypal: PaypalConfig | undefined
  readonly supportPhone: string
  readonly supportEmail: string
  /** Where mail leaves. Absent: kept as files outside production, off in it. */
  readonly smtpUrl: string | undefined
  /** What stands in the From line. */
  readonly mailFrom: string
  readonly mapTilesUrl: string | undefined
  readonly mapAttribution: string
  /** Who may read /metrics; absent in production: nobody. */
  readonly metricsToken: string | undefined
  /** Where errors are reported to; absent: nowhere. */
  readonly sentryDsn: string | undefined
  /** Where traces are sent to; absent: none are made. */
  readonly tracesEndpoint: string | undefined
  readonly limits: Limits
  readonly access: AccessConfig
  /** Under which name and PIN invoices are issued; undefined: none are. */
  readonly seller: SellerConfig | undefined
  readonly etims: EtimsConfig | undefined
}

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

/** Limits and thresholds, each with its reason in .env.example. */
export interface Limits {
  /** A batch of payouts above this takes two people. */
  readonly payoutSecondPersonMinor: bigint
  /** Vendors who are owed less wait for the next batch. */
  readonly payoutLeastMinor: bigint
  readonly dbWebConnections: number
  readonly dbPayConnections: number
  readonly dbGateWaitMs: number
  readonly dbPayGateWaitMs: number
  readonly jsonBodyBytes: number
  readonly webhookBodyBytes: number
  readonly stockHoldMs: number
  readonly paymentHoldMs: number
  readonly positionIntervalMs: number
  readonly positionPersistMs: number
  readonly positionPersistM: number
  readonly positionAccuracyM: number
  readonly positionMaxSpeedMps: number
  readonly positionMinMoveM: number
  readonly positionForcedMs: number
  readonly positionShopperPlaces: number
  readonly positionOldFramesPlaces: number
  readonly trailKeepDays: number
  readonly etaFallbackKmh: number
  readonly socketsPerUser: number
  readonly socketsPerAddress: number
  readonly shutdownMs: number
  readonly workLeaseMs: number
}

/** The configuration is not usable. `problems` holds one line for each variable that is wrong. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** The names and values handed in; `process.env` in real life. */
export type Environment = Readonly<Record<string, string | undefined>>

// Values that stand in samples, tutorials and the predecessor's history; a production secret that contains one is not a secret.
const sampleWords =
  /change|sample|example|secret|password|default|dummy|placeholder|your[-_]|xxx|test123|letmein|django-insecure|development|1234567890|abcdef/i
const placeholderHost =
  /(^|\.)(example\.(com|org|net|co\.ke)|test|invalid|localhost|local|your-?domain\.[a-z.]+|domain\.com|yourapp\.[a-z.]+)$/i
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/i

const developmentSecret = 'development-only-secret-that-production-refuses'
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

/** Reads and checks the environment. Throws `ConfigError` with every problem found, not just the first. */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = []
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const refuse = (line: string): void => void problems.push(line)
  const oneOf = <Value extends string>(name: string, values: readonly Value[], fallback: Value): Value => {
    const value = text(name)
    if (value === undefined) return fallback
    if ((values as readonly string[]).includes(value)) return value as Value
    refuse(`${name} must be one of ${values.join(', ')}.`)
    return fallback
  }
  const whole = (name: string, fallback: number, least: number, most: number): number => {
    const value = text(name)
    if (value === undefined) return fallback
    const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    refuse(`${name} must be a whole number from ${least} to ${most}.`)
    return fallback
  }
  const address = (name: string, protocols: readonly string[]): string | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value.replace(/\/+$/, '')
    refuse(`${name} must be an address that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`)
    return undefined
  }
  const list = (name: string): string[] =>
    (text(name) ?? '')
      .split(',')
      .map((part) => part.trim().toLowerCase())
      .filter((part) => part !== '')

  const mode = oneOf('NODE_ENV', ['development', 'test', 'production'], 'development')
  const isProduction = mode === 'production'
  const port = whole('PORT', 3000, 0, 65_535)
  const publicUrl = address('PUBLIC_URL', ['http:', 'https:']) ?? `http://localhost:${port}`
  const publicHost = new URL(publicUrl).hostname
  const allowedHosts = list('ALLOWED_HOSTS')
  const appSecret = text('APP_SECRET')
  const databaseUrl = address('DATABASE_URL', ['postgres:', 'postgresql:'])
  const redisUrl = address('REDIS_URL', ['redis:', 'rediss:'])
  const sandbox = oneOf('SANDBOX', ['on', 'off'], isProduction ? 'off' : 'on') === 'on'

  if (isProduction) {
    if (text('DATABASE_URL') === undefined) refuse('DATABASE_URL is required in production; the embedded database is for development.')
    if (text('REDIS_URL') === undefined)
      refuse('REDIS_URL is required in production; an in-memory layer would split the shop between processes.')
    if (text('PUBLIC_URL') === undefined) refuse('PUBLIC_URL is required in production; links and provider callbacks are built from it.')
    else if (!publicUrl.startsWith('https:')) refuse('PUBLIC_URL must start with https:// in production.')
    if (text('PUBLIC_URL') !== undefined && (placeholderHost.test(publicHost) || loopbackHost.test(publicHost)))
      refuse('PUBLIC_URL names a placeholder host; set the address the shop is reached at.')
    for (const host of allowedHosts) {
      if (host.includes('*')) refuse('ALLOWED_HOSTS may not hold a wildcard; list each host by name.')
      else if (placeholderHost.test(host)) refuse('ALLOWED_HOSTS holds a placeholder host; list the hosts the shop answers for.')
    }
    if (sandbox) refuse('SANDBOX must be off in production; the simulators would give goods away.')
    if (text('SEED') === 'auto') refuse('SEED must be off in production; the seeded accounts have a published password.')
  }
  checkSecret('APP_SECRET', appSecret, isProduction, refuse)
  const metricsToken = text('METRICS_TOKEN')
  if (metricsToken !== undefined) checkSecret('METRICS_TOKEN', metricsToken, isProduction, refuse)
  const sentryDsn = address('SENTRY_DSN', isProduction ? ['https:'] : ['https:', 'http:'])
  if (sentryDsn !== undefined && (new URL(sentryDsn).username === '' || !/^\/.*\d+$/.test(new URL(sentryDsn).pathname)))
    refuse('SENTRY_DSN must look like https://<public key>@<host>/<project number>.')

  const limits: Limits = {
    payoutSecondPersonMinor: BigInt(whole('PAYOUT_SECOND_PERSON_KES', 50_000, 0, 100_000_000)) * 100n,
    payoutLeastMinor: BigInt(whole('PAYOUT_LEAST_KES', 100, 1, 1_000_000)) * 100n,
    dbWebConnections: whole('DB_WEB_CONNECTIONS', 8, 1, 200),
    dbPayConnections: whole('DB_PAY_CONNECTIONS', 4, 1, 100),
    dbGateWaitMs: whole('DB_GATE_WAIT_MS', 2_500, 50, 60_000),
    dbPayGateWaitMs: whole('DB_PAY_GATE_WAIT_MS', 4_000, 50, 60_000),
    jsonBodyBytes: whole('JSON_BODY_BYTES', 65_536, 1_024, 10_000_000),
    webhookBodyBytes: whole('WEBHOOK_BODY_BYTES', 262_144, 1_024, 10_000_000),
    stockHoldMs: whole('STOCK_HOLD_MINUTES', 15, 1, 1_440) * 60_000,
    paymentHoldMs: whole('PAYMENT_HOLD_MINUTES', 10, 1, 1_440) * 60_000,
    positionIntervalMs: whole('POSITION_INTERVAL_MS', 5_000, 0, 600_000),
    positionPersistMs: whole('POSITION_PERSIST_MS', 8_000, 0, 600_000),
    positionPersistM: whole('POSITION_PERSIST_M', 25, 0, 100_000),
    positionAccuracyM: whole('POSITION_ACCURACY_M', 100, 1, 100_000),
    positionMaxSpeedMps: whole('POSITION_MAX_SPEED_MPS', 45, 1, 1_000),
    positionMinMoveM: whole('POSITION_MIN_MOVE_M', 5, 0, 1_000),
    positionForcedMs: whole('POSITION_FORCED_MS', 30_000, 0, 600_000),
    positionShopperPlaces: whole('POSITION_SHOPPER_PLACES', 4, 2, 6),
    positionOldFramesPlaces: whole('POSITION_OLD_FRAMES_PLACES', 6, 2, 6),
    trailKeepDays: whole('TRAIL_KEEP_DAYS', 90, 1, 3_650),
    etaFallbackKmh: whole('ETA_FALLBACK_KMH', 30, 1, 200),
    socketsPerUser: whole('SOCKETS_PER_USER', 5, 1, 10_000),
    socketsPerAddress: whole('SOCKETS_PER_ADDRESS', 50, 1, 100_000),
    shutdownMs: whole('SHUTDOWN_MS', 25_000, 100, 300_000),
    workLeaseMs: whole('WORK_LEASE_MS', 6_000, 200, 60_000),
  }

  const config: Config = {
    environment: mode,
    isProduction,
    port,
    bindAddress: text('BIND_ADDRESS') ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    publicUrl,
    allowedHosts:
      allowedHosts.length > 0 ? allowedHosts : isProduction ? [new URL(publicUrl).host] : ['localhost', '127.0.0.1', '[::1]', publicHost],
    trustedProxies: whole('TRUSTED_PROXIES', 0, 0, 10),
    dataDir: text('DATA_DIR') ?? '.data',
    databaseUrl,
    databasePrepare: oneOf('DATABASE_PREPARE', ['on', 'off'], 'on') === 'on',
    redisUrl,
    appSecret: appSecret ?? developmentSecret,
    seed: oneOf('SEED', ['auto', 'off'], isProduction || mode === 'test' ? 'off' : 'auto'),
    logLevel: oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], mode === 'test' ? 'silent' : 'info'),
    docsEnabled: oneOf('DOCS', ['on', 'off'], 'on') === 'on',
    sandbox: sandbox && !isProduction,
    stripe: readStripe(text, { isProduction, sandbox, port }, whole, oneOf, refuse),
    paystack: readPaystack(text, address, { isProduction, sandbox, port }, refuse),
    paypal: readPaypal(text, address, { isProduction, sandbox, port }, oneOf, refuse),
    mpesa: readMpesa(text, address, { isProduction, sandbox, port, publicUrl }, whole, oneOf, refuse),
    supportPhone: text('SUPPORT_PHONE') ?? '254700000000',
    supportEmail: text('SUPPORT_EMAIL') ?? 'help@rahim.example',
    smtpUrl: readSmtpUrl(address('SMTP_URL', ['smtp:', 'smtps:']), isProduction, refuse),
    mailFrom: readMailFrom(text('MAIL_FROM') ?? text('SUPPORT_EMAIL') ?? 'help@rahim.example', text, isProduction, refuse),
    mapTilesUrl: address('MAP_TILES_URL', ['http:', 'https:']),
    mapAttribution: text('MAP_ATTRIBUTION') ?? '',
    metricsToken,
    sentryDsn,
    tracesEndpoint: address('OTEL_EXPORTER_OTLP_ENDPOINT', ['https:', 'http:']),
    limits,
    ...readTax({ isProduction, sandbox: sandbox && !isProduction, port, text, address, refuse }),
    access: readAccess({ isProduction, mode, whole, oneOf, list, refuse }),
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return deepFreeze(config)
}

function checkSecret(name: string, value: string | undefined, isProduction: boolean, refuse: (line: string) => void): void {
  if (!isProduction) return
  if (value === undefined) return refuse(`${name} is required in production; make one with: openssl rand -base64 48`)
  if (value === developmentSecret) return refuse(`${name} is the development default; make one with: openssl rand -base64 48`)
  if (value.length < 32) return refuse(`${name} is shorter than 32 characters; make one with: openssl rand -base64 48`)
  if (sampleWords.test(value) || new Set(value).size < 10)
    return refuse(`${name} looks like a sample; make one with: openssl rand -base64 48`)
}

function readSmtpUrl(value: string | undefined, isProduction: boolean, refuse: (line: string) => void): string | undefined {
  if (value === undefined || !isProduction) return value
  const { hostname, password } = new URL(value)
  if (placeholderHost.test(hostname) && !loopbackHost.test(hostname)) refuse('SMTP_URL names a placeholder host.')
  if (password !== '' && sampleWords.test(password)) refuse('SMTP_URL holds a sample password.')
  return value
}

const mailbox = /^[^\s@<>",;:]{1,64}@[a-z0-9.-]{1,253}$/i

function readMailFrom(value: string, text: Text, isProduction: boolean, refuse: (line: string) => void): string {
  if (!mailbox.test(value)) refuse('MAIL_FROM must be one e-mail address, without a name.')
  // Receivers drop mail whose sender does not exist, and nobody would notice.
  else if (isProduction && text('SMTP_URL') !== undefined && /\.(example|invalid|test)$/i.test(value))
    refuse('MAIL_FROM must be an address that takes answers: set it, or SUPPORT_EMAIL.')
  return value
}

type Whole = (name: string, fallback: number, least: number, most: number) => number
type OneOf = <Value extends string>(name: string, values: readonly Value[], fallback: Value) => Value

function readMpesa(
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

function readStripe(
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

function readPaystack(
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

function readPaypal(
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

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}
