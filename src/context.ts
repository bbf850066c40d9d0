import type { Hub } from './platform/realtime/hub.ts'
import type { Clock } from './lib/clock.ts'
import type { Ids } from './lib/ids.ts'
import type { Identify } from './platform/http/actor-guard.ts'
import type { Config } from './platform/config.ts'
import type { Db } from './platform/db.ts'
import type { Log } from './platform/log.ts'
import type { Outbox } from './platform/outbox.ts'
import type { RedisClients } from './platform/redis.ts'
import type { Sms } from './platform/sms.ts'
import type { Providers } from './domain/payments/provider.port.ts'

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
  /** One connection for the readiness probe. */
  readonly healthDb: Db
  readonly redis: RedisClients
  readonly hub: Hub
  readonly outbox: Outbox
  readonly providers: Providers
  readonly sms: Sms
  /** Finds out who sent a request. */
  readonly identify: Identify
}
