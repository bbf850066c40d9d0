import type { Context } from '../../src/context.ts'
import { createProviders } from '../../src/domain/payments/providers/create-providers.ts'
import { Refusal } from '../../src/lib/refusal.ts'
import { readConfig } from '../../src/platform/config.ts'
import { createJobs } from '../../src/platform/jobs.ts'
import type { Log } from '../../src/platform/log.ts'
import { OutgoingError } from '../../src/platform/outgoing.ts'
import { createOutbox } from '../../src/platform/outbox.ts'
import { checkoutJobs } from '../../src/workflows/checkout/checkout.jobs.ts'
import { issueCreditNote } from '../../src/domain/invoicing/issue-credit-note.ts'
import { lowStockTopic } from '../../src/domain/catalog/stock/note-shortages.ts'
import { issueInvoice } from '../../src/domain/invoicing/issue-invoice.ts'
import { messagesJobs } from '../../src/workflows/messages/messages.jobs.ts'
import { expireUnpaid } from '../../src/workflows/checkout/expire-unpaid.ts'
import type { Daraja } from './daraja.ts'
import { type Home, type Scheduler, world } from './scheduler.ts'
import { isMade, type SimDatabase } from './sim-database.ts'
import { seededIds } from './sim-ids.ts'
import type { Swarm } from './swarm.ts'

const config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '3000', PUBLIC_URL: 'http://localhost:3000' })

/** The server secret of the simulated shop. */
export const { appSecret } = config

/** One process of the shop. */
export interface App {
  readonly home: Home
  readonly context: Context
  /** Works off everything that is due now; answers how much that was. */
  drain(): Promise<number>
  sweep(): Promise<number>
}

/** What came of a request, as the client sees it. `lost`: no answer, so it may or may not have been done. */
export type Outcome<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'failed' }
  | { readonly kind: 'lost' }

/** The running processes of the shop, their deaths and births. */
export class Shop {
  apps: App[] = []
  /** Text messages by id; the same id twice is one message. */
  readonly texts = new Map<string, string>()
  isStormy = true
  private readonly scheduler: Scheduler
  private readonly swarm: Swarm
  private readonly database: SimDatabase
  private readonly daraja: Daraja
  private readonly pending = new Map<Home, Set<() => void>>()
  private births = 0

  constructor(scheduler: Scheduler, swarm: Swarm, database: SimDatabase, daraja: Daraja) {
    this.scheduler = scheduler
    this.swarm = swarm
    this.database = database
    this.daraja = daraja
  }

  /** Starts a process with its workers. */
  boot(): App {
    const { scheduler } = this
    const home: Home = { name: `app${++this.births}`, isDead: false }
    const skewMs = this.isStormy && this.swarm.faults.has('skew') ? scheduler.dice.between(-600_000, 600_000) : 0
    const clock = { now: () => new Date(scheduler.nowMs + skewMs), monotonicMs: () => scheduler.nowMs }
    const log = this.logOf(home)
    const db = this.database.clientFor(home)
    const outbox = createOutbox({ db, clock, log, leaseMs: config.limits.workLeaseMs })
    let isWanted = false
    let drains = 0
    const context = {
      config,
      log,
      clock,
      ids: seededIds(scheduler.dice.fork(home.name), () => scheduler.nowMs + skewMs),
      db,
      payDb: db,
      inboxDb: db,
      outbox: {
        ...outbox,
        wake: () => {
          if (isWanted) return
          isWanted = true
          // Now, or a little later as on a busy machine: several wakes are then one look.
          scheduler.park(
            home,
            'woken',
            () => {
              isWanted = false
              void drainBeside()
              return 'drains'
            },
            scheduler.dice.pick([0, 300, 2_000]),
          )
        },
      },
      jobs: createJobs({ db, databaseUrl: undefined, clock, log }),
      providers: createProviders(config, { outgoing: this.daraja.outgoingFor(home), clock, log }),
      hub: { publish: () => 0 },
      sms: {
        send: async ({ messageId, text }: { messageId: string; text: string }) =>
          await scheduler.point(home, 'text message', () => {
            this.texts.set(messageId, text)
          }),
        recent: () => [],
      },
    } as unknown as Context
    checkoutJobs(context)
    messagesJobs(context)
    // The tax authority's queue stays at home: it moves no money, and would be asked whether it has work all day.
    outbox.handle('invoice.issue', async ({ payload }) => void (await issueInvoice(context, String(payload['orderId']))))
    outbox.handle('credit_note.issue', async ({ payload }) => void (await issueCreditNote(context, String(payload['refundId']))))
    // Nobody in a storm keeps a shelf: that one ran low is noted, and the news has no reader.
    outbox.handle(lowStockTopic, () => Promise.resolve())
    const guarded = async (what: string, work: () => Promise<number>): Promise<number> => {
      try {
        return await work()
      } catch (error) {
        this.judge(`${home.name} ${what}`, error)
        return 0
      }
    }
    const drain = async (): Promise<number> => await guarded('worker', outbox.drainOnce)
    // A second worker does not wait behind a slow call of the first; a third would only ask what the two ask already.
    const drainBeside = async (): Promise<number> => {
      if (drains === 2) return 0
      drains++
      return await drain().finally(() => drains--)
    }
    const app: App = { home, context, drain, sweep: async () => await guarded('sweeper', async () => await expireUnpaid(context)) }
    this.apps.push(app)
    this.pending.set(home, new Set())
    if (this.isStormy) {
      this.repeat(home, 'worker looks', [40_000, 500_000], drainBeside)
      this.repeat(home, 'sweeper looks', [60_000, 500_000], app.sweep)
    }
    return app
  }

  /** The sweeper of every process looks at a moment, as its clock may have it. */
  sweepAt(atMs: number): void {
    for (const app of this.apps)
      this.scheduler.park(
        app.home,
        'sweeper looks in time',
        () => {
          void app.sweep()
          return 'begun'
        },
        Math.max(0, atMs - this.scheduler.nowMs),
      )
  }

  /** Power cut: nothing of the process goes on, its transactions are rolled back, its clients hear nothing. */
  async kill(app: App): Promise<void> {
    app.home.isDead = true
    this.apps = this.apps.filter((each) => each !== app)
    this.scheduler.note(`KILL ${app.home.name}`)
    this.scheduler.drop(app.home)
    await this.database.kill(app.home)
    for (const hangUp of this.pending.get(app.home) ?? []) hangUp()
    this.pending.delete(app.home)
  }

  /** One request of a client to one of the running processes. */
  async request<Answer>(label: string, work: (context: Context) => Promise<Answer>): Promise<Outcome<Answer>> {
    const app = await this.scheduler.point(world, label, () => (this.apps.length === 0 ? undefined : this.scheduler.dice.pick(this.apps)))
    if (app === undefined) return { kind: 'failed' }
    const open = this.pending.get(app.home)
    return await new Promise<Outcome<Answer>>((resolve) => {
      const hangUp = (): void => resolve({ kind: 'lost' })
      const end = (outcome: Outcome<Answer>): void => {
        open?.delete(hangUp)
        resolve(outcome)
      }
      open?.add(hangUp)
      // The first line of the handler runs in the process, so it stands there.
      this.scheduler.park(app.home, label, () => {
        work(app.context).then(
          (answer) => end({ kind: 'answer', answer }),
          (error: unknown) => end(this.outcomeOf(label, error)),
        )
        return 'begun'
      })
    })
  }

  /** An error that nothing simulated explains is a finding. */
  judge(where: string, error: unknown): void {
    // A provider's bad answer is the adapter's to tell from a good one, and the shop's to live with.
    if (isMade(error) || error instanceof OutgoingError) return
    const root = rootOf(error)
    const text = root instanceof Error ? `${root.name}: ${root.message.split('\n')[0] ?? ''}` : String(root)
    this.scheduler.fail(`unexpected error in ${where}: ${text}`)
  }

  private outcomeOf<Answer>(label: string, error: unknown): Outcome<Answer> {
    if (error instanceof Refusal && error.status < 500) return { kind: 'refused', code: error.code }
    this.judge(label, error)
    return { kind: 'failed' }
  }

  private repeat(home: Home, label: string, [least, most]: readonly [number, number], work: () => Promise<number>): void {
    this.scheduler.park(
      home,
      label,
      () => {
        if (!this.isStormy) return 'stopped'
        void work()
        this.repeat(home, label, [least, most], work)
        return 'begun'
      },
      this.scheduler.dice.between(least, most),
    )
  }

  /** A log that keeps nothing and looks at every error in it. */
  private logOf(home: Home): Log {
    const look = (line: unknown, message?: unknown): void => {
      const { error } = (typeof line === 'object' && line !== null ? line : {}) as { error?: unknown }
      if (error !== undefined) this.judge(`${home.name}, "${String(message)}"`, error)
    }
    const nothing = (): void => {}
    return { debug: nothing, info: nothing, trace: nothing, warn: look, error: look, fatal: look } as unknown as Log
  }
}

const rootOf = (error: unknown): unknown => (error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error)
