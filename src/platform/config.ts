/**
 * The one place that reads the environment. Every variable is described in .env.example (a test compares the two, both ways).
 * `readConfig` answers a frozen object or throws `ConfigError` with one clear line for each thing that is wrong; in production
 * it refuses missing, sample, short and default secrets, simulators, placeholder hosts and plain-http addresses, so that a
 * half-configured shop never opens (design: product.md section 1, original.md section 11.13).
 */
import { type AccessConfig, readAccess } from './access.config.ts'
import { loopbackHost, placeholderHost, sampleWords } from './config.shapes.ts'
import {
  type MpesaConfig,
  type PaypalConfig,
  type PaystackConfig,
  readMpesa,
  readPaypal,
  readPaystack,
  readStripe,
  type StripeConfig,
} from './payment.config.ts'
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

const developmentSecret = 'development-only-secret-that-production-refuses'

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

function readMailFrom(
  value: string,
  text: (name: string) => string | undefined,
  isProduction: boolean,
  refuse: (line: string) => void,
): string {
  if (!mailbox.test(value)) refuse('MAIL_FROM must be one e-mail address, without a name.')
  // Receivers drop mail whose sender does not exist, and nobody would notice.
  else if (isProduction && text('SMTP_URL') !== undefined && /\.(example|invalid|test)$/i.test(value))
    refuse('MAIL_FROM must be an address that takes answers: set it, or SUPPORT_EMAIL.')
  return value
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}
