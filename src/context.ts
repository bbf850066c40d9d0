import { join } from 'node:path'
import { identifyActor } from './domain/accounts/identify-actor.ts'
import { createEtims } from './domain/invoicing/create-etims.ts'
import type { Etims } from './domain/invoicing/etims.port.ts'
import type { Providers } from './domain/payments/provider.port.ts'
import { createProviders } from './domain/payments/providers/create-providers.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { type Ids, randomIds } from './lib/ids.ts'
import { createCircuits } from './platform/circuit.ts'
import type { Config } from './platform/config.ts'
import { createDb, type Db, type DbLane } from './platform/db.ts'
import { type Identify, onceARequest } from './platform/http/actor-guard.ts'
import { createJobs, type Jobs } from './platform/jobs.ts'
import { createLog, type Log } from './platform/log.ts'
import { createLoopLag, type LoopLag } from './platform/loop-lag.ts'
import { createMailer, type Mailer } from './platform/mail.ts'
import { createMedia, type Media } from './platform/media.ts'
import { createMetrics, type Metrics } from './platform/metrics.ts'
import { createOutbox, type Outbox } from './platform/outbox.ts'
import { createOutgoing, outgoingHosts } from './platform/outgoing.ts'
import { processReadings } from './platform/process.metrics.ts'
import { Hub } from './platform/realtime/hub.ts'
import { createRedis, type RedisClients } from './platform/redis.ts'
import { shopState } from './platform/shop-state.ts'
import { createWebhookSender, type WebhookSender } from './platform/webhook-sender.ts'
import { createVault, type Vault } from './platform/vault.ts'
import { createLoggedSms, type Sms } from './platform/sms.ts'
import { type BackoffGuard, createBackoffGuard } from './platform/throttle/backoff-guard.ts'
import { createThrottle, type Throttle } from './platform/throttle/throttle.ts'

/**
 * Everything a function may need from outside itself, built in one place and handed in. Tests build the same thing with
 * overrides; nothing is created when a module is loaded.
 */
export interface Context {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly ids: Ids
  /** Pages, catalogue, bag, staff screens. */
  readonly db: Db
  /** Checkout, webhooks, settlement: a pool of its own, so that money moves while the catalogue is slow. */
  readonly payDb: Db
  /** The same pool, past the settlements that wait for it: a provider's message is stored before others are worked off. */
  readonly inboxDb: Db
  /** One connection for the readiness probe. */
  readonly healthDb: Db
  readonly redis: RedisClients
  readonly hub: Hub
  readonly outbox: Outbox
  readonly jobs: Jobs
  readonly providers: Providers
  readonly mailer: Mailer
  readonly sms: Sms
  readonly media: Media
  /** Counts requests against limits. */
  readonly throttle: Throttle
  /** How late the event loop is. */
  readonly loopLag: LoopLag
  /** Slows guessing of passwords and codes down. */
  readonly backoff: BackoffGuard
  /** How often this process has written to the database: who keeps something read there looks again when it has grown. */
  readonly writes: { readonly count: number }
  /** The figures of this process. */
  readonly metrics: Metrics
  /** The way out to addresses that integrators gave us. */
  readonly webhookSender: WebhookSender
  /** Private files: papers of applicants. */
  readonly vault: Vault
  /** The way to the revenue authority; undefined where it is not configured. */
  readonly etims: Etims | undefined
  /** Finds out who sent a request. */
  readonly identify: Identify
}

/** Where the servers are; in development these are the embedded ones. */
export interface Addresses {
  readonly databaseUrl: string
  readonly redisUrl: string
}

/** Parts a test may bring itself. */
export type Overrides = Partial<Pick<Context, 'log' | 'clock' | 'ids' | 'providers' | 'mailer' | 'sms'>> & {
  /** Jobs by cron are not scheduled; a test runs them by name. */
  readonly withoutCron?: boolean
}

/** A built context, the database lanes behind it, and its orderly end. */
export interface BuiltContext {
  readonly context: Context
  readonly lanes: { readonly web: DbLane; readonly pay: DbLane; readonly health: DbLane }
  /** Ends jobs, outbox, sockets to Redis and the database, in the reverse order of their making. */
  dispose(): Promise<void>
}

/** Builds the context. Opens no connection by itself: a database or Redis that is down does not keep the process from starting. */
export function buildContext(config: Config, addresses: Addresses, overrides: Overrides = {}): BuiltContext {
  const log = overrides.log ?? createLog(config.logLevel)
  const clock = overrides.clock ?? systemClock
  const ids = overrides.ids ?? randomIds
  const { limits } = config
  const writes = { count: 0 }
  const afterWrite = (): void => void writes.count++
  const lane = (name: string, connections: number, gateWaitMs: number) =>
    createDb({ url: addresses.databaseUrl, lane: name, connections, gateWaitMs, prepare: config.databasePrepare, afterWrite })
  const lanes = {
    web: lane('web', limits.dbWebConnections, limits.dbGateWaitMs),
    pay: lane('pay', limits.dbPayConnections, limits.dbPayGateWaitMs),
    health: lane('health', 1, 1_000),
  }
  const redis = createRedis(addresses.redisUrl, log)
  const outbox = createOutbox({ db: lanes.pay.db, clock, log, leaseMs: limits.workLeaseMs })
  const jobs = createJobs({ db: lanes.pay.db, databaseUrl: overrides.withoutCron === true ? undefined : addresses.databaseUrl, clock, log })
  const circuits = createCircuits({ clock, onChange: (host, state) => log.warn({ host, state }, 'circuit changed') })
  const hub = new Hub({ redis, log, clock, caps: { perUser: limits.socketsPerUser, perAddress: limits.socketsPerAddress, total: 20_000 } })
  const metrics = createMetrics()
  metrics.expose(
    ...processReadings({ gates: { web: lanes.web.gate, pay: lanes.pay.gate }, circuits, hub }),
    ...shopState({ db: lanes.web.db, clock }),
  )
  const context: Context = {
    config,
    log,
    clock,
    ids,
    db: lanes.web.db,
    payDb: lanes.pay.db,
    inboxDb: lanes.pay.urgentDb,
    healthDb: lanes.health.db,
    redis,
    hub,
    outbox,
    jobs,
    providers:
      overrides.providers ??
      createProviders(config, { outgoing: createOutgoing({ allowedHosts: outgoingHosts(config), circuits, log, clock }), clock, log }),
    mailer: overrides.mailer ?? createMailer({ config, log, clock }),
    sms: overrides.sms ?? createLoggedSms({ log, clock }),
    webhookSender: createWebhookSender({ requiresHttps: config.isProduction, allowsPrivate: !config.isProduction }),
    vault: createVault(join(config.dataDir, 'vault'), config.appSecret),
    etims:
      config.etims === undefined
        ? undefined
        : createEtims(config.etims, createOutgoing({ allowedHosts: [new URL(config.etims.baseUrl).host], circuits, log, clock })),
    media: createMedia(join(config.dataDir, 'media')),
    throttle: createThrottle({ redis, clock, log }),
    backoff: createBackoffGuard({ redis, clock }),
    loopLag: createLoopLag(),
    writes,
    metrics,
    identify: onceARequest((request) => identifyActor(context, request)),
  }
  return {
    context,
    lanes,
    async dispose() {
      context.loopLag.stop()
      await jobs.stop()
      await outbox.stop()
      await redis.close()
      await Promise.all(Object.values(lanes).map((each) => each.close()))
    },
  }
}
