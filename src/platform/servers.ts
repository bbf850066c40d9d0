import type { Config } from './config.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { startEmbeddedRedis } from './embedded-redis.ts'
import type { Log } from './log.ts'
import { migrate } from './migrate.ts'

/** Where the database and Redis of this process are. */
export interface Servers {
  readonly databaseUrl: string
  readonly redisUrl: string
  /** True when at least one is ours because the configuration names none. */
  readonly isEmbedded: boolean
  /** Stops what is ours and unused by others. Close the connections first. */
  stop(): Promise<void>
}

/**
 * Takes the servers the configuration names and starts, or finds, those it does not. An embedded database is migrated; a database
 * that was named is left alone and may be down. Throws when a server of ours does not start or a migration fails, with nothing of
 * ours left running, and in production, where nothing is embedded.
 */
export async function startServers(config: Config, log: Log): Promise<Servers> {
  await using opened = new AsyncDisposableStack()
  // Both are waited for even when one fails, so that nothing is opened after the stack has been disposed of.
  const [database, redis] = await Promise.allSettled([databaseAddress(config, log, opened), redisAddress(config, log, opened)])
  if (database.status === 'rejected') throw database.reason
  if (redis.status === 'rejected') throw redis.reason
  const closing = opened.move()
  return {
    databaseUrl: database.value,
    redisUrl: redis.value,
    isEmbedded: config.databaseUrl === undefined || config.redisUrl === undefined,
    stop: () => closing.disposeAsync(),
  }
}

async function databaseAddress(config: Config, log: Log, opened: AsyncDisposableStack): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl
  if (config.isProduction) throw new Error('DATABASE_URL is required in production.')
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log })
  opened.defer(() => server.stop())
  await migrate({ url: server.url })
  return server.url
}

async function redisAddress(config: Config, log: Log, opened: AsyncDisposableStack): Promise<string> {
  if (config.redisUrl !== undefined) return config.redisUrl
  if (config.isProduction) throw new Error('REDIS_URL is required in production.')
  const server = await startEmbeddedRedis({ dataDir: config.dataDir, log })
  opened.defer(() => server.stop())
  return server.url
}
