import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import type { PgDatabase } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { createGate, type Gate } from './gate.ts'

/** The database as routes, jobs and workflows see it. */
export type Db = PostgresJsDatabase<Record<string, never>>
/** One open transaction. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]
/** Either of the two, for reads that do not mind. */
export type DbOrTx = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>

/** How one lane reaches the database. A lane is a small pool of its own, so that a slow catalogue cannot starve payments. */
export interface DbOptions {
  readonly url: string
  /** Shown by the server in pg_stat_activity, as `rahim-<lane> <process id>`. */
  readonly lane: string
  readonly connections: number
  /** How long a query or transaction may wait for a place before it is refused with `overloaded`. */
  readonly gateWaitMs: number
  /** Off behind a transaction pooler, which knows neither named statements nor session settings. */
  readonly prepare?: boolean
  readonly statementTimeoutMs?: number
  readonly lockTimeoutMs?: number
  readonly idleInTransactionTimeoutMs?: number
  readonly connectTimeoutS?: number
  /** Called after every statement or transaction that may have written, once it has committed. */
  readonly afterWrite?: () => void
  /** How many statements may be under way on one connection. None beside another by default; for bulk work that only waits for itself. */
  readonly pipelined?: number
}

/** One lane: drizzle behind the gate, the driver beside it, a probe, and an orderly end. */
export interface DbLane {
  readonly db: Db
  /** The same connections for work that must not wait behind the lane's other work: storing what a provider will not tell twice. */
  readonly urgentDb: Db
  /** The driver without the gate: for the readiness probe and for start and stop, never for a request. */
  readonly sql: postgres.Sql
  readonly gate: Gate
  /** True when the server answers a trivial query within a second. */
  health(): Promise<boolean>
  /** Lets running queries end for at most five seconds, then closes the connections. */
  close(): Promise<void>
}

const statementTimeoutMs = 5_000

/**
 * Opens one lane. No connection is made before the first query, so a database that is down does not keep the process from starting.
 * Queries wait for a place at most `gateWaitMs`, then `Refusal('overloaded')`; the server ends a statement after 5 s, a wait for a
 * lock after 2 s and an idle transaction after 10 s (design: reliability.md section 3.2, stack.md section 4). A server that has not
 * ended a statement a second after it should have is frozen or gone: the session is given up, and what was asked is a connection loss.
 */
export function createDb(options: DbOptions): DbLane {
  const { prepare = true, connections } = options
  const sql = postgres(options.url, {
    max: connections,
    prepare,
    connect_timeout: options.connectTimeoutS ?? 3,
    // An option of our patch of the driver, which by itself would wait for ever.
    statement_deadline: ((options.statementTimeoutMs ?? statementTimeoutMs) + 1_000) / 1_000,
    idle_timeout: 20,
    // Spread out, so that the connections of one process are not replaced all at once.
    max_lifetime: 1_800 * (0.75 + Math.random() / 4),
    // Capped at one second with jitter: the shop is back soon after the database, and not all at once.
    backoff: (retries: number) => Math.min(1, 0.05 * 2 ** retries) * (0.5 + Math.random() / 2),
    // Nothing is sent on a connection that is still busy: a fast query must not wait behind a slow one nor die with it.
    max_pipeline: options.pipelined ?? 0,
    onnotice: () => {},
    connection: {
      application_name: `rahim-${options.lane} ${process.pid}`,
      // A transaction pooler refuses session settings at start-up; there they belong to the database role.
      ...(prepare ? sessionSettings(options) : {}),
    },
  } as postgres.Options<Record<string, postgres.PostgresType>>)
  const gate = createGate({ places: connections, waitMs: options.gateWaitMs })

  const through = (isUrgent: boolean): Db =>
    drizzle(gated(sql, gate, { prepare, isUrgent, afterWrite: options.afterWrite ?? (() => {}) }), {
      casing: 'snake_case',
    }) as unknown as Db

  return {
    db: through(false),
    urgentDb: through(true),
    sql,
    gate,
    health: () => answersWithin(sql, 1_000),
    close: () => sql.end({ timeout: 5 }),
  }
}

const sessionSettings = (options: DbOptions) => ({
  statement_timeout: options.statementTimeoutMs ?? statementTimeoutMs,
  lock_timeout: options.lockTimeoutMs ?? 2_000,
  idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
  synchronous_commit: 'on',
})

type Unsafe = postgres.Sql['unsafe']

interface GateOptions {
  readonly prepare: boolean
  readonly isUrgent: boolean
  readonly afterWrite: () => void
}

// Whatever does not begin by reading may write; a false alarm costs whoever listens one look.
const reads = /^\s*select\b/i

/**
 * The driver with a gate before its two ways in that drizzle uses. Inside a transaction the connection is already ours, so the inner
 * client passes freely; waiting for a second place there could wait for itself.
 */
function gated(sql: postgres.Sql, gate: Gate, { prepare, isUrgent, afterWrite }: GateOptions): postgres.Sql {
  const unsafe = (text: string, parameters?: Parameters<Unsafe>[1]) => {
    const run = async (asArrays: boolean): Promise<unknown> => {
      const leave = await gate.enter(isUrgent)
      try {
        const query = sql.unsafe(text, parameters, { prepare })
        return await (asArrays ? query.values() : query)
      } finally {
        leave()
        if (!reads.test(text)) afterWrite()
      }
    }
    let objects: Promise<unknown> | undefined
    const asObjects = (): Promise<unknown> => (objects ??= run(false))
    return {
      values: () => run(true),
      then: (...handlers: Parameters<Promise<unknown>['then']>) => asObjects().then(...handlers),
      catch: (...handlers: Parameters<Promise<unknown>['catch']>) => asObjects().catch(...handlers),
      finally: (...handlers: Parameters<Promise<unknown>['finally']>) => asObjects().finally(...handlers),
    }
  }

  const begin = async (work: (inner: postgres.TransactionSql) => unknown): Promise<unknown> => {
    const leave = await gate.enter(isUrgent)
    try {
      return await sql.begin((inner) => work(prepared(inner, prepare)))
    } finally {
      leave()
      afterWrite()
    }
  }

  return new Proxy(sql, {
    get: (target, key, receiver) => (key === 'unsafe' ? unsafe : key === 'begin' ? begin : Reflect.get(target, key, receiver)),
  })
}

/** drizzle asks for unnamed statements; named ones are planned once a connection, which doubles the throughput of hot queries. */
function prepared(inner: postgres.TransactionSql, prepare: boolean): postgres.TransactionSql {
  const unsafe = (text: string, parameters?: Parameters<Unsafe>[1]) => inner.unsafe(text, parameters, { prepare })
  const savepoint = (work: (deeper: postgres.TransactionSql) => unknown) => inner.savepoint((deeper) => work(prepared(deeper, prepare)))
  return new Proxy(inner, {
    get: (target, key, receiver) => (key === 'unsafe' ? unsafe : key === 'savepoint' ? savepoint : Reflect.get(target, key, receiver)),
  })
}

async function answersWithin(sql: postgres.Sql, waitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, waitMs, false)
  // A probe asks whether; why not is told by the queries of the requests.
  sql.unsafe('select 1').then(
    () => resolve(true),
    () => resolve(false),
  )
  const isAnswered = await promise
  clearTimeout(timer)
  return isAnswered
}
