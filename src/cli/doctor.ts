import { Redis } from 'ioredis'
import { checkInvariants } from '../platform/check-invariants.ts'
import { type Config, ConfigError, readConfig } from '../platform/config.ts'
import { createDb, type DbLane } from '../platform/db.ts'
import { createLog, redactText } from '../platform/log.ts'
import { checkSchema, describeSchema } from '../platform/migrate.ts'
import { startServers } from '../platform/servers.ts'

/** One line of the report. `fix`: somebody has to act before this shop is right. `look`: it works, but a person should know. */
export interface Finding {
  readonly state: 'ok' | 'look' | 'fix'
  readonly part: string
  readonly says: string
}

/**
 * `shop doctor`: the go-live checklist, executable. Prints a line for each thing examined, with secrets, phone numbers and
 * addresses removed, and answers 1 when something has to be mended.
 */
export async function doctor(): Promise<number> {
  const findings: Finding[] = []
  try {
    const config = readConfig()
    findings.push(...examineConfig(config))
    await using opened = new AsyncDisposableStack()
    const servers = await startServers(config, createLog('silent'))
    opened.defer(() => servers.stop())
    findings.push(...(await examineShop(servers)), ...(await examinePeople(servers, config.isProduction)))
  } catch (error) {
    if (error instanceof ConfigError) findings.push(...error.problems.map((says) => fix('configuration', says)))
    else findings.push(fix('servers', reason(error)))
  }
  for (const { state, part, says } of findings) process.stdout.write(`${state.padEnd(5)}${part.padEnd(16)}${redactText(says)}\n`)
  const wrong = findings.filter(({ state }) => state === 'fix').length
  process.stdout.write(wrong === 0 ? 'The shop is well.\n' : `${wrong} to mend.\n`)
  return wrong === 0 ? 0 : 1
}

/** What can be said of a configuration that was accepted. */
export function examineConfig(config: Config): Finding[] {
  return [
    ok('configuration', `complete for ${config.environment}`),
    examinePayments(config),
    examineMail(config),
    config.docsEnabled ? ok('documentation', 'served at /swagger') : ok('documentation', 'switched off'),
    ...(config.isProduction && config.trustedProxies === 0
      ? [
          look(
            'proxies',
            'TRUSTED_PROXIES is 0: behind a proxy every visitor has the proxy’s address, and limits by address hit all of them at once',
          ),
        ]
      : []),
    ...(config.isProduction && config.mapTilesUrl === undefined
      ? [look('map', 'MAP_TILES_URL is not set: the map is drawn without streets')]
      : []),
  ]
}

function examineMail(config: Config): Finding {
  if (config.smtpUrl !== undefined) return ok('mail', `leaves by ${new URL(config.smtpUrl).hostname}`)
  return config.isProduction
    ? look('mail', 'SMTP_URL is not set: no letter leaves the shop; people are told by text message only')
    : ok('mail', 'written as files below the data folder')
}

function examinePayments(config: Config): Finding {
  const { mpesa, stripe, paystack, paypal } = config
  const named = Object.entries({ 'M-Pesa': mpesa, Stripe: stripe, Paystack: paystack, PayPal: paypal })
  const on = named.filter(([, provider]) => provider !== undefined).map(([name]) => name)
  const simulated = named.filter(([, provider]) => provider?.simulated === true).map(([name]) => name)
  if (on.length === 0) return fix('payments', 'no provider is configured: nobody can pay. Set the MPESA_ variables.')
  if (simulated.length > 0) return look('payments', `${simulated.join(', ')}: our own simulators; no money moves there`)
  return ok('payments', `${on.join(', ')} configured`)
}

/** What the servers and the data say. Reads only. */
export async function examineShop(servers: { databaseUrl: string; redisUrl: string }): Promise<Finding[]> {
  const lane = createDb({ url: servers.databaseUrl, lane: 'doctor', connections: 1, gateWaitMs: 60_000, statementTimeoutMs: 60_000 })
  try {
    const [database, redis] = await Promise.all([examineDatabase(lane), examineRedis(servers.redisUrl)])
    return [...database, redis]
  } finally {
    await lane.close()
  }
}

/** Who could get in and what waits for somebody. Nothing is said of a database that is not there or has no schema yet. */
export async function examinePeople(servers: { databaseUrl: string }, isProduction: boolean): Promise<Finding[]> {
  const lane = createDb({ url: servers.databaseUrl, lane: 'doctor', connections: 1, gateWaitMs: 60_000, statementTimeoutMs: 60_000 })
  try {
    const asked = await attempt(async () => {
      const [row] = await lane.sql<{ demo: number; admins: number; bare: number; dead: number; breaks: number; reviews: number }[]>`
        select (select count(*)::int from accounts where email like '%@example.co.ke' and status = 'active') as demo,
          (select count(*)::int from accounts where status = 'active' and 'admin' = any(roles)) as admins,
          (select count(*)::int from accounts a where status = 'active' and roles && array['support', 'finance', 'admin']
            and not exists (select 1 from totp_factors f where f.account_id = a.id and f.confirmed_at is not null)) as bare,
          (select count(*)::int from outbox where dead_at is not null and done_at is null) as dead,
          (select count(*)::int from reconciliation_breaks where resolved_at is null) as breaks,
          (select count(*)::int from transactions where state = 'review') as reviews`
      return row
    })
    if ('failed' in asked || asked.value === undefined) return []
    const { demo, admins, bare, dead, breaks, reviews } = asked.value
    const urgent = isProduction ? fix : look
    return [
      demo === 0 ? ok('accounts', 'none of the demo') : urgent('accounts', `${demo} of the demo, whose password is published`),
      admins === 0 ? urgent('admin', 'there is none; make one: bun run shop make-admin') : ok('admin', `${admins} can appoint staff`),
      bare === 0
        ? ok('second factor', 'every member of staff has one')
        : look('second factor', `${bare} of staff have none and cannot act as staff in production`),
      ...(dead === 0 ? [] : [look('outbox', `${dead} calls or messages were given up and wait for a person`)]),
      ...(breaks === 0 ? [] : [look('reconciliation', `${breaks} differences with providers are not resolved`)]),
      ...(reviews === 0 ? [] : [look('review', `${reviews} payments wait for staff to decide`)]),
    ]
  } finally {
    await lane.close()
  }
}

async function examineDatabase(lane: DbLane): Promise<Finding[]> {
  const server = await attempt(async () => {
    const [row] = await lane.sql<
      { version: string; now_ms: number; durable: string }[]
    >`select current_setting('server_version') as version, (extract(epoch from now()) * 1000)::float8 as now_ms, current_setting('fsync') || current_setting('full_page_writes') as durable`
    return row
  })
  if ('failed' in server || server.value === undefined)
    return [fix('database', `not reachable: ${'failed' in server ? server.failed : 'no answer'}`)]
  const { version, now_ms: nowMs, durable } = server.value
  const skewMs = Math.abs(Date.now() - nowMs)
  const schema = await checkSchema(lane.sql)
  const findings = [
    Number.parseInt(version, 10) >= 15
      ? ok('database', `Postgres ${version} answers`)
      : fix('database', `Postgres ${version} is too old; the shop needs 15 or newer`),
    durable === 'onon'
      ? ok('durability', 'a commit survives a power cut')
      : look('durability', 'fsync or full_page_writes is off: a power cut can lose orders'),
    skewMs < 5_000
      ? ok('clock', 'ours and the database’s agree')
      : fix('clock', `ours and the database’s differ by ${Math.round(skewMs / 1_000)} s; expiry is judged by both`),
    schema.isCurrent
      ? ok('migrations', `all ${schema.applied.length} applied`)
      : fix('migrations', `${describeSchema(schema)}; run: bun run shop migrate`),
  ]
  // Without the schema the data cannot be asked.
  if (schema.pending.length > 0) return findings
  const violations = await checkInvariants(lane.db)
  const broken = violations.map(({ name, says, count, subjects }) => fix(name, `${says} Broken by ${count}: ${subjects.join(', ')}`))
  const failing = await lane.sql<
    { name: string; last_error: string | null }[]
  >`select name, last_error from job_runs where failed_at is not null and failed_at >= started_at order by name`
  return [
    ...findings,
    ...(broken.length === 0
      ? [ok('data', 'every invariant holds: the ledger sums to zero, counters equal their rows, nothing waits that should not')]
      : broken),
    ...(failing.length === 0
      ? [ok('jobs', 'no job failed at its last run')]
      : failing.map((job) => fix('jobs', `${job.name} failed: ${job.last_error ?? 'no reason was kept'}`))),
  ]
}

async function examineRedis(url: string): Promise<Finding> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    protocol: 2,
  })
  // The failure is reported by the attempt below; without a listener the client prints it as well.
  redis.on('error', () => {})
  const answer = await attempt(async () => {
    await redis.connect()
    return await redis.ping()
  })
  redis.disconnect()
  return 'failed' in answer ? fix('redis', `not reachable: ${answer.failed}`) : ok('redis', 'answers')
}

async function attempt<Value>(work: () => Promise<Value>): Promise<{ value: Value } | { failed: string }> {
  try {
    return { value: await work() }
  } catch (error) {
    return { failed: reason(error) }
  }
}

const reason = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0] || ('code' in error ? String(error.code) : error.name) : String(error)
const ok = (part: string, says: string): Finding => ({ state: 'ok', part, says })
const look = (part: string, says: string): Finding => ({ state: 'look', part, says })
const fix = (part: string, says: string): Finding => ({ state: 'fix', part, says })
