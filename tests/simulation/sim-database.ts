import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Db } from '../../src/platform/db.ts'
import type { Fault, Swarm } from './swarm.ts'
import type { Home, Scheduler } from './scheduler.ts'

type Rows = postgres.RowList<postgres.Row[]>
type Parameters = postgres.ParameterOrJSON<never>[]

/** One real connection to Postgres. At most one statement is on its way. */
interface Line {
  readonly sql: postgres.Sql
  readonly pid: number
  owner: Home | undefined
  isBusy: boolean
  /** A statement that waits for a lock of another line. */
  waiting: Waiting | undefined
}

interface Waiting {
  readonly answer: Promise<Answer>
  isSettled: boolean
  /** What it waits for, so that two who wait for the same are told apart. */
  readonly lock: string
  readonly resume: (answer: Answer) => void
}

type Answer = { readonly rows: Rows } | { readonly error: unknown }

/** An open transaction as the shop's driver sees it. */
interface Open {
  line: Line | undefined
  isBegun: boolean
  /** The server has refused a statement: nothing more is possible but to roll back. */
  isAborted: boolean
  /** The connection is gone. */
  isLost: boolean
  hasWritten: boolean
}

const marks = new WeakSet<object>()

/** Whether an error, or what caused it, was made by the simulation: the shop may then fail, but only in an orderly way. */
export function isMade(error: unknown): boolean {
  for (
    let part = error, depth = 0;
    typeof part === 'object' && part !== null && depth < 8;
    part = (part as { cause?: unknown }).cause, depth++
  )
    if (marks.has(part)) return true
  return false
}

/** Marks an error as made by the simulation. */
export function made<Made extends object>(error: Made): Made {
  marks.add(error)
  return error
}

const lost = (): Error => made(Object.assign(new Error('write CONNECTION_CLOSED simulated'), { code: 'CONNECTION_CLOSED' }))
const refused = (code: string, message: string): Error =>
  // The driver builds its errors from the fields of the server's message; its types know only the finished error.
  made(
    new (postgres.PostgresError as unknown as new (fields: object) => Error)({ code, message, severity: 'ERROR', severity_local: 'ERROR' }),
  )

const databaseFaults: readonly Fault[] = ['cut-before-send', 'cut-after-send', 'serialization', 'deadlock-victim', 'lock-timeout']

/** What the connections of a run are set to: no plan may depend on what ran before, and a deadlock is told at once. */
const settings = {
  plan_cache_mode: 'force_generic_plan',
  enable_hashagg: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  deadlock_timeout: '20ms',
  synchronous_commit: 'off',
}

const lineCount = 8

/** Planned once a connection. The driver sends a text without parameters in the simple protocol, to be planned each time, unless told. */
export const asPrepared = { prepare: true, simple: false } as const

/** The pool of a worker process, kept from seed to seed. */
export interface Lines {
  readonly lines: readonly Line[]
  /** For looking; never used by the shop. */
  readonly admin: postgres.Sql
  /** For setting up. Triggers sleep in this session alone, as in replication, so that rows that may never be removed can be. */
  readonly sweeper: postgres.Sql
  /** The server's processes behind all of them. */
  readonly pids: readonly number[]
  close(): Promise<void>
}

/** Opens the connections of a worker. */
export async function openLines(url: string): Promise<Lines> {
  const open = (set: Record<string, string> = settings) =>
    postgres(url, {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      onnotice: () => {},
      connection: { application_name: `rahim-simulation ${process.pid}`, ...set } as never,
    })
  const lines = await Promise.all(
    Array.from({ length: lineCount }, async (): Promise<Line> => {
      const sql = open()
      // drizzle sets how dates travel on the client it is given.
      drizzle(sql)
      const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
      return { sql, pid: row?.pid ?? 0, owner: undefined, isBusy: false, waiting: undefined }
    }),
  )
  const admin = open({ plan_cache_mode: 'force_generic_plan', jit: 'off' })
  // Set for the session and not a transaction: changing it makes Postgres forget every plan.
  const sweeper = open({
    plan_cache_mode: 'force_generic_plan',
    jit: 'off',
    session_replication_role: 'replica',
    synchronous_commit: 'off',
  })
  // Opened now: the driver throws dice when it connects, and inside a run those would be the run's.
  const beside = await Promise.all([admin, sweeper].map(async (sql) => await sql<{ pid: number }[]>`select pg_backend_pid() as pid`))
  return {
    lines,
    admin,
    sweeper,
    pids: [...lines.map(({ pid }) => pid), ...beside.flatMap((rows) => rows.map(({ pid }) => pid))],
    async close() {
      await Promise.all([...lines.map(({ sql }) => sql.end({ timeout: 2 })), admin.end({ timeout: 2 }), sweeper.end({ timeout: 2 })])
    },
  }
}

/**
 * Real Postgres behind the scheduler. Each statement stands at a point before it is sent; one is sent at a time. A statement that
 * does not come back because another transaction holds its lock is set aside, another piece of code goes on, and it is taken up
 * again when the lock is free.
 */
export class SimDatabase {
  /** Called after each commit that wrote something. */
  onCommit: () => Promise<void> = async () => {}
  /** Faults happen only while this is true. */
  isStormy = true
  private readonly scheduler: Scheduler
  private readonly swarm: Swarm
  private readonly pool: Lines
  private readonly faults: readonly Fault[]

  constructor(scheduler: Scheduler, swarm: Swarm, pool: Lines) {
    this.scheduler = scheduler
    this.swarm = swarm
    this.pool = pool
    this.faults = databaseFaults.filter((fault) => swarm.faults.has(fault))
  }

  /** The database as code living in `home` sees it. */
  clientFor(home: Home): Db {
    const [first] = this.pool.lines
    const client = {
      options: first?.sql.options,
      unsafe: (text: string, parameters?: Parameters) => this.statement(home, text, parameters),
      begin: async (work: (inner: unknown) => Promise<unknown>) => await this.transaction(home, work),
    }
    return drizzle(client as unknown as postgres.Sql, { casing: 'snake_case' }) as unknown as Db
  }

  /** What the server does when a process dies: its open transactions are rolled back. */
  async kill(home: Home): Promise<void> {
    for (const line of this.pool.lines.filter(({ owner }) => owner === home)) {
      if (line.waiting !== undefined) {
        await this.pool.admin`select pg_cancel_backend(${line.pid})`
        await line.waiting.answer
        line.waiting = undefined
      }
      await line.sql.unsafe('rollback')
      this.free(line)
    }
    await this.wakeWaiting()
  }

  private statement(home: Home, text: string, parameters: Parameters | undefined) {
    return lazily((asArrays) =>
      this.stand<Rows>(home, text, async (resolve, reject) => {
        const line = this.take(home)
        if (line === undefined) return undefined
        const done = (answer: Answer): void => {
          this.free(line)
          if ('error' in answer) reject(answer.error)
          else resolve(answer.rows)
        }
        const fault = this.throwFault(text)
        if (fault !== undefined && fault !== 'cut-after-send') {
          this.free(line)
          reject(faultError(fault))
          return fault
        }
        return await this.send(line, text, parameters, asArrays, async (answer) => {
          done(fault === 'cut-after-send' ? { error: lost() } : answer)
          await this.wakeWaiting()
        })
      }),
    )
  }

  private async transaction(home: Home, work: (inner: unknown) => Promise<unknown>): Promise<unknown> {
    const open: Open = { line: undefined, isBegun: false, isAborted: false, isLost: false, hasWritten: false }
    await this.stand<void>(home, 'begin', async (resolve, reject) => {
      const fault = this.throwFault('begin')
      if (fault === 'cut-before-send' || fault === 'cut-after-send') {
        reject(lost())
        return fault
      }
      open.line = this.take(home)
      if (open.line === undefined) return undefined
      resolve()
      return 'ok'
    })
    try {
      const result = await work(this.inside(home, open))
      await this.end(home, open, 'commit')
      return result
    } catch (error) {
      if (open.line !== undefined) await this.end(home, open, 'rollback')
      throw error
    }
  }

  private inside(home: Home, open: Open): unknown {
    let savepoints = 0
    const run = (text: string, parameters?: Parameters, asArrays = false): Promise<Rows> =>
      this.stand<Rows>(home, text, async (resolve, reject) => {
        const { line } = open
        if (line === undefined || open.isLost) {
          reject(lost())
          return 'lost before'
        }
        if (open.isAborted && !text.startsWith('rollback to')) {
          reject(refused('25P02', 'current transaction is aborted'))
          return 'aborted before'
        }
        const fault = this.throwFault(text)
        if (fault === 'cut-before-send' || fault === 'cut-after-send') {
          await this.cut(open)
          reject(lost())
          return fault
        }
        if (fault !== undefined) {
          open.isAborted = true
          reject(faultError(fault))
          return fault
        }
        if (text.startsWith('rollback to')) open.isAborted = false
        return await this.send(
          line,
          text,
          parameters,
          asArrays,
          (answer) => {
            if (!/^\s*(select|savepoint|set)/i.test(text)) open.hasWritten = true
            if ('error' in answer) {
              open.isAborted = true
              reject(answer.error)
            } else resolve(answer.rows)
            return Promise.resolve()
          },
          open,
        )
      })
    const inner = {
      options: this.pool.lines[0]?.sql.options,
      unsafe: (text: string, parameters?: Parameters) => lazily((asArrays) => run(text, parameters, asArrays)),
      savepoint: async (work: (deeper: unknown) => Promise<unknown>) => {
        const name = `s${++savepoints}`
        await run(`savepoint ${name}`)
        try {
          const result = await work(inner)
          await run(`release savepoint ${name}`)
          return result
        } catch (error) {
          if (!open.isLost) await run(`rollback to savepoint ${name}`)
          throw error
        }
      },
    }
    return inner
  }

  private async end(home: Home, open: Open, how: 'commit' | 'rollback'): Promise<void> {
    await this.stand<void>(home, how, async (resolve, reject) => {
      const { line } = open
      if (line === undefined || open.isLost) {
        if (how === 'commit') reject(lost())
        else resolve()
        return 'lost before'
      }
      const fault = how === 'commit' ? this.throwFault('commit') : undefined
      if (fault !== undefined && fault !== 'cut-after-send') {
        await this.cut(open)
        reject(fault === 'cut-before-send' ? lost() : faultError(fault))
        return fault
      }
      let error: unknown
      if (open.isBegun) {
        try {
          await line.sql.unsafe(how)
        } catch (caught) {
          error = caught
        }
      }
      open.line = undefined
      this.free(line)
      await this.wakeWaiting()
      if (how === 'commit' && error === undefined && open.hasWritten) await this.onCommit()
      if (fault === 'cut-after-send') reject(lost())
      else if (error !== undefined) reject(error)
      else resolve()
      return fault ?? (error === undefined ? 'ok' : 'refused')
    })
  }

  /** The connection breaks: the server rolls back. */
  private async cut(open: Open): Promise<void> {
    const { line } = open
    open.isLost = true
    open.line = undefined
    if (line === undefined) return
    if (open.isBegun) await line.sql.unsafe('rollback')
    this.free(line)
    await this.wakeWaiting()
  }

  /** Stands at the point before a statement. `work` answers undefined when there is no free connection: it then stands again. */
  private stand<Answered>(
    home: Home,
    text: string,
    work: (resolve: (value: Answered) => void, reject: (error: unknown) => void) => Promise<string | undefined>,
  ): Promise<Answered> {
    const label = this.scheduler.isTraced ? shortened(text) : text.slice(0, 48)
    return new Promise<Answered>((resolve, reject) => {
      const go = async (): Promise<string> => {
        const outcome = await work(resolve, reject)
        if (outcome !== undefined) return outcome
        this.scheduler.park(home, label, go, 5)
        return 'no free connection'
      }
      this.scheduler.park(home, label, go)
    })
  }

  private throwFault(text: string): Fault | undefined {
    if (!this.isStormy || this.faults.length === 0 || !this.scheduler.dice.chance(this.swarm.databaseRate)) return undefined
    const fault = this.scheduler.dice.pick(this.faults)
    return text === 'begin' && !fault.startsWith('cut') ? undefined : fault
  }

  private take(home: Home): Line | undefined {
    const line = this.pool.lines.find(({ isBusy }) => !isBusy)
    if (line === undefined) return undefined
    line.isBusy = true
    line.owner = home
    return line
  }

  private free(line: Line): void {
    line.isBusy = false
    line.owner = undefined
    line.waiting = undefined
  }

  /** Sends one statement and waits until it is back or surely waits for a lock. */
  private async send(
    line: Line,
    text: string,
    parameters: Parameters | undefined,
    asArrays: boolean,
    resume: (answer: Answer) => Promise<void>,
    open?: Open,
  ): Promise<string> {
    const isFirst = open !== undefined && !open.isBegun
    if (open !== undefined) open.isBegun = true
    // The driver sends a query when it is waited for; this one has to be on its way first.
    const begun = isFirst ? line.sql.unsafe('begin').execute() : undefined
    // Postgres knows no plan for these, and they are cheap.
    const query = line.sql.unsafe(text, parameters ?? [], /^(savepoint|release|rollback)/.test(text) ? {} : asPrepared)
    const answer: Promise<Answer> = (asArrays ? (query.values() as unknown as Promise<Rows>) : query).then(
      (rows) => ({ rows: inOneOrder(text, rows as Rows) }),
      (error: unknown) => ({ error }),
    )
    await begun
    for (;;) {
      const came = await within(answer, 4)
      if (came !== undefined) {
        await resume(came)
        return outcomeOf(came)
      }
      const lock = await this.waitsFor(line)
      if (lock === undefined) continue
      // Who of two waits for one lock goes first when it is free, the server's clockwork decides and not the dice. So only one may.
      if (lock.startsWith('tuple') || this.pool.lines.some(({ waiting }) => waiting?.lock === lock)) {
        await this.pool.admin`select pg_cancel_backend(${line.pid})`
        const cancelled = await answer
        const told: Answer = 'error' in cancelled ? { error: refused('55P03', 'canceling statement due to lock timeout') } : cancelled
        await resume(told)
        return `second in line, ${outcomeOf(told)}`
      }
      const waiting: Waiting = {
        answer,
        isSettled: false,
        lock,
        resume: (late) => {
          const owner = line.owner
          if (owner === undefined) return
          this.scheduler.park(owner, `${shortened(text)} (had waited)`, async () => {
            await resume(late)
            return outcomeOf(late)
          })
        },
      }
      void answer.then(() => {
        waiting.isSettled = true
      })
      line.waiting = waiting
      return `waits for ${lock.split(':')[0] ?? ''}`
    }
  }

  /** The lock a line waits for, or undefined when it is merely slow or in a circle, which the server ends by itself. */
  private async waitsFor(line: Line): Promise<string | undefined> {
    const [row] = await this.pool.admin<{ blockers: number[]; lock: string | null }[]>`
      select pg_blocking_pids(${line.pid}) as blockers,
        (select locktype || ':' || coalesce(transactionid::text, virtualxid, relation::text, '') from pg_locks where pid = ${line.pid} and not granted limit 1) as lock`
    if (row === undefined || row.blockers.length === 0 || row.lock === null) return undefined
    return (await this.isCircle(line.pid, row.blockers)) ? undefined : row.lock
  }

  private async isCircle(pid: number, blockers: readonly number[], depth = 0): Promise<boolean> {
    if (blockers.includes(pid)) return true
    if (depth > lineCount) return false
    for (const blocker of blockers) {
      if (this.pool.lines.find((line) => line.pid === blocker)?.waiting === undefined) continue
      const [row] = await this.pool.admin<{ blockers: number[] }[]>`select pg_blocking_pids(${blocker}) as blockers`
      if (await this.isCircle(pid, row?.blockers ?? [], depth + 1)) return true
    }
    return false
  }

  /** After locks were let go: takes up every statement that no longer waits. */
  private async wakeWaiting(): Promise<void> {
    for (let isQuiet = false; !isQuiet;) {
      isQuiet = true
      for (const line of this.pool.lines) {
        const { waiting } = line
        if (waiting === undefined) continue
        for (;;) {
          const came = waiting.isSettled ? await waiting.answer : await within(waiting.answer, 1)
          if (came !== undefined) {
            line.waiting = undefined
            waiting.resume(came)
            isQuiet = false
            break
          }
          if ((await this.waitsFor(line)) !== undefined) break
        }
      }
    }
  }
}

/** Rows that were asked for in no order come as they lie on the disk, which no seed decides: they are put into one order. */
function inOneOrder(text: string, rows: Rows): Rows {
  if (rows.length < 2 || /order by[^)]*$/i.test(text)) return rows
  const keys = new Map<unknown, string>(rows.map((row) => [row, JSON.stringify(row)]))
  return rows.sort((a, b) => ((keys.get(a) ?? '') < (keys.get(b) ?? '') ? -1 : 1))
}

const faultError = (fault: Fault): Error => {
  if (fault === 'serialization') return refused('40001', 'could not serialize access due to concurrent update')
  if (fault === 'deadlock-victim') return refused('40P01', 'deadlock detected (simulated)')
  return fault === 'lock-timeout' ? refused('55P03', 'canceling statement due to lock timeout') : lost()
}

const outcomeOf = (answer: Answer): string =>
  'error' in answer
    ? `error ${String((answer.error as { code?: unknown }).code ?? answer.error)}`
    : `${answer.rows.length} rows, ${String(answer.rows.count ?? 0)}`

/** What drizzle expects of the driver: a promise that begins when it is waited for, and can answer arrays instead of objects. */
function lazily(run: (asArrays: boolean) => Promise<Rows>) {
  let objects: Promise<Rows> | undefined
  const asObjects = (): Promise<Rows> => (objects ??= run(false))
  return {
    values: () => run(true),
    then: (...handlers: Parameters1) => asObjects().then(...handlers),
    catch: (handler: (error: unknown) => unknown) => asObjects().catch(handler),
    finally: (handler: () => void) => asObjects().finally(handler),
  }
}
type Parameters1 = Globalize<Promise<Rows>['then']>
type Globalize<Method> = Method extends (...args: infer Args) => unknown ? Args : never

async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  const came = await Promise.race([promise, late])
  clearTimeout(timer)
  return came
}

const shortened = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 110)
