import type { PgBoss } from 'pg-boss'
import type { Clock } from '../lib/clock.ts'
import { nairobi } from '../lib/time.ts'
import type { Db } from './db.ts'
import { jobRuns } from './job-run.table.ts'
import { describeError, type Log } from './log.ts'
import { withSpan } from './tracing.ts'

/** A piece of background work. Must bear running twice and beside itself in another process: it claims its rows with SKIP LOCKED. */
export type Job = () => Promise<unknown>

/** The last run of one job. */
export interface JobRun {
  readonly name: string
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly tookMs: number | null
  readonly failedAt: Date | null
  readonly lastError: string | null
}

/** Background work by the clock. Register first, then start. */
export interface Jobs {
  /** Once in the whole cluster at each tick of a five-field cron line in Nairobi time. */
  schedule(name: string, cron: string, job: Job): void
  /** In every process, about every `intervalMs`; for work finer than a minute. Never beside itself in one process. */
  every(name: string, intervalMs: number, job: Job): void
  /** Call after listening: the scheduler's code and connections are loaded only then, so that start-up stays quick and small. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Runs one job now, for commands and tests. Throws Error for an unknown name, and what the job throws. */
  runNow(name: string): Promise<void>
  /** The last run of each job that ever ran, by name. */
  lastRuns(): Promise<JobRun[]>
}

/** What the jobs need. Without `databaseUrl` cron lines are registered but not scheduled (tests). */
export interface JobsOptions {
  readonly db: Db
  readonly databaseUrl: string | undefined
  readonly clock: Clock
  readonly log: Log
}

// A ticker that runs every second must not write a row every second.
const noteEveryMs = 60_000

/** Makes the jobs of a process. */
export function createJobs(options: JobsOptions): Jobs {
  const { db, clock, log } = options
  const cronJobs = new Map<string, { cron: string; job: Job }>()
  const tickers = new Map<string, { intervalMs: number; job: Job }>()
  const notedAt = new Map<string, number>()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const inHand = new Set<Promise<void>>()
  let boss: PgBoss | undefined
  let isRunning = false

  async function note(run: JobRun): Promise<void> {
    const { name, ...rest } = run
    await db
      .insert(jobRuns)
      .values(run)
      .onConflictDoUpdate({
        target: jobRuns.name,
        set: run.failedAt === null ? { ...rest, failedAt: undefined, lastError: undefined } : rest,
      })
  }

  async function run(name: string, job: Job, isQuiet: boolean): Promise<void> {
    const startedAt = clock.now()
    const startedMs = clock.monotonicMs()
    const outcome = await settle(() => withSpan(`job ${name}`, {}, async () => await job()))
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    if (isQuiet && outcome.isFine && startedMs - (notedAt.get(name) ?? -noteEveryMs) < noteEveryMs) return
    notedAt.set(name, startedMs)
    await note({
      name,
      startedAt,
      finishedAt: clock.now(),
      tookMs,
      failedAt: outcome.isFine ? null : startedAt,
      lastError: outcome.isFine ? null : String(describeError(outcome.error)['message']).slice(0, 500),
    })
    if (!outcome.isFine) throw outcome.error
  }

  function tick(name: string, intervalMs: number, job: Job, delayMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      const work: Promise<void> = run(name, job, true)
        .catch((error: unknown) => log.error({ error, job: name }, 'job failed'))
        .finally(() => {
          inHand.delete(work)
          if (isRunning) tick(name, intervalMs, job, intervalMs * (0.9 + Math.random() * 0.2))
        })
      inHand.add(work)
    }, delayMs)
    timer.unref()
    timers.add(timer)
  }

  async function startCron(databaseUrl: string): Promise<void> {
    const { PgBoss } = await import('pg-boss')
    boss = new PgBoss({
      connectionString: databaseUrl,
      max: 2,
      application_name: 'rahim-jobs',
      schema: 'pgboss',
      registerInstance: false,
      openTelemetry: { enabled: false },
    })
    boss.on('error', (error) => log.error({ error }, 'scheduler trouble'))
    await boss.start({ attempts: 5 })
    for (const [name, { cron, job }] of cronJobs) {
      // `singleton` keeps two runs of one job apart even when the first takes longer than the gap between two ticks.
      await boss.createQueue(name, {
        policy: 'singleton',
        retryLimit: 2,
        retryDelay: 30,
        retryBackoff: true,
        expireInSeconds: 3_600,
        deleteAfterSeconds: 86_400,
      })
      await boss.work(name, { pollingIntervalSeconds: 20 }, async () => await run(name, job, false))
      await boss.schedule(name, cron, null, { tz: nairobi, missed: 'once' })
    }
    const known = new Set(cronJobs.keys())
    // Jobs of an earlier version would be sent for ever and never worked.
    for (const old of await boss.getSchedules()) if (!known.has(old.name)) await boss.unschedule(old.name)
  }

  return {
    schedule: (name, cron, job) => void cronJobs.set(name, { cron, job }),
    every: (name, intervalMs, job) => void tickers.set(name, { intervalMs, job }),
    async start() {
      isRunning = true
      for (const [name, { intervalMs, job }] of tickers) tick(name, intervalMs, job, Math.random() * intervalMs)
      if (options.databaseUrl !== undefined && cronJobs.size > 0) await startCron(options.databaseUrl)
    },
    async stop() {
      isRunning = false
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(inHand)
      await boss?.stop({ graceful: true, timeout: 5_000 })
      boss = undefined
    },
    async runNow(name) {
      const job = cronJobs.get(name)?.job ?? tickers.get(name)?.job
      if (job === undefined) throw new Error(`there is no job named ${name}`)
      await run(name, job, false)
    },
    lastRuns: async () => await db.select().from(jobRuns).orderBy(jobRuns.name),
  }
}

async function settle(job: Job): Promise<{ isFine: true } | { isFine: false; error: unknown }> {
  try {
    await job()
    return { isFine: true }
  } catch (error) {
    return { isFine: false, error }
  }
}
