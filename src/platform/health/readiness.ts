import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'

/** What one part answered. */
export type PartState = 'ok' | 'degraded' | 'down'

/** Whether this process should get traffic, and why not. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready'
  readonly parts: { readonly postgres: PartState; readonly migrations: PartState; readonly redis: PartState; readonly process: PartState }
  readonly degraded: readonly string[]
  readonly failing: readonly string[]
}

/** What the probe needs besides the context. */
export interface ReadinessSources {
  /** Whether the applied migrations are the ones this build expects. */
  readonly isSchemaCurrent: () => Promise<boolean>
  readonly isDraining: () => boolean
}

const databaseTimeoutMs = 1_000
// The shop sells without Redis: tracking falls back to this process and polling. Only an outage that lasts takes a process out of
// rotation, so that a restart of Redis does not close the shop (design: reliability.md 3.3, realtime.md 6.3).
const redisGraceMs = 30_000

/** Makes the readiness probe. Every part has a short time-out; a schema once found current is not looked at again. */
export function createReadiness(context: Context, sources: ReadinessSources): () => Promise<Readiness> {
  let isSchemaKnownCurrent = false
  let redisDownSinceMs: number | undefined
  const postgres = async (): Promise<PartState> =>
    (await answers(context.healthDb.execute(sql`select 1`), databaseTimeoutMs)) ? 'ok' : 'down'
  const migrations = async (): Promise<PartState> => {
    if (!isSchemaKnownCurrent) isSchemaKnownCurrent = (await within(sources.isSchemaCurrent(), databaseTimeoutMs)) === true
    return isSchemaKnownCurrent ? 'ok' : 'down'
  }
  const redis = async (): Promise<PartState> => {
    if (await context.redis.healthy()) {
      redisDownSinceMs = undefined
      return 'ok'
    }
    redisDownSinceMs ??= context.clock.monotonicMs()
    return context.clock.monotonicMs() - redisDownSinceMs > redisGraceMs ? 'down' : 'degraded'
  }
  return async () => {
    const [postgresState, migrationsState, redisState] = await Promise.all([postgres(), migrations(), redis()])
    const parts = {
      postgres: postgresState,
      migrations: migrationsState,
      redis: redisState,
      process: sources.isDraining() ? 'down' : 'ok',
    } as const
    const named = (state: PartState) =>
      Object.entries(parts)
        .filter(([, part]) => part === state)
        .map(([name]) => name)
    const failing = named('down')
    return { status: failing.length === 0 ? 'ready' : 'not_ready', parts, degraded: named('degraded'), failing }
  }
}

const answers = async (work: Promise<unknown>, timeoutMs: number): Promise<boolean> => (await within(work, timeoutMs)) !== undefined

/** The value of a promise, or undefined when it fails or takes too long; the failure itself is the answer of a probe. */
async function within<Value>(work: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  const timer = Promise.withResolvers<undefined>()
  const handle = setTimeout(() => timer.resolve(undefined), timeoutMs)
  try {
    return await Promise.race([work.catch(() => undefined), timer.promise])
  } finally {
    clearTimeout(handle)
  }
}
