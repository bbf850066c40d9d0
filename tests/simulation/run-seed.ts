import { findProjectionDifferences } from '../../src/domain/payments/rebuild-projection.ts'
import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { hours } from '../../src/lib/time.ts'
import { Daraja } from './daraja.ts'
import { dice } from './dice.ts'
import { checkAlways, checkEnd } from './oracle.ts'
import { clerkWorks, openLetterBox, shopOnce, type Town } from './people.ts'
import { Scheduler, world } from './scheduler.ts'
import { appSecret, Shop } from './shop.ts'
import { asPrepared, SimDatabase } from './sim-database.ts'
import { type Reduction, type Swarm, throwSwarm } from './swarm.ts'
import type { Stage } from './stage.ts'

/** What a seed came to. */
export interface SeedResult {
  readonly seed: string
  readonly swarm: Swarm
  readonly violation: string | undefined
  readonly steps: number
  readonly hash: string
  readonly trace: readonly string[]
}

// A run that is still going after so many steps goes in a circle.
const mostSteps = 12_000

/** Plays one seed from a clean stage to its end. The same seed and reduction give the same result, to the last step. */
export async function runSeed(
  stage: Stage,
  seed: string,
  options: { isTraced?: boolean; reduction?: Reduction } = {},
): Promise<SeedResult> {
  const chance = dice(seed)
  const swarm = throwSwarm(chance.fork('swarm'), seed, options.reduction)
  const scheduler = new Scheduler(chance.fork('schedule'), options.isTraced ?? false)
  scheduler.note(`seed ${seed}: ${swarm.shoppers} shoppers, ${swarm.variants} variants, ${[...swarm.faults].join(' ') || 'no faults'}`)
  await stage.reset(swarm)
  const giveBack = scheduler.takeOver()
  const database = new SimDatabase(scheduler, swarm, stage.pool)
  const daraja = new Daraja(scheduler, swarm)
  const shop = new Shop(scheduler, swarm, database, daraja)
  try {
    let commits = 0
    database.onCommit = async () => await checkAlways(stage.pool.admin, scheduler, ++commits)
    const town: Town = {
      scheduler,
      swarm,
      shop,
      daraja,
      pool: stage.pool,
      variantIds: stage.variantIds.slice(0, swarm.variants),
      accountIds: stage.accountIds,
      model: { answers: new Map(), refunds: new Map() },
    }
    await play(town, database)
    return {
      seed,
      swarm,
      violation: scheduler.violation?.message,
      steps: scheduler.steps,
      hash: scheduler.hash.toString(16),
      trace: scheduler.trace,
    }
  } finally {
    giveBack()
    for (const app of shop.apps) app.home.isDead = true
    await Promise.all(shop.apps.map(async (app) => await database.kill(app.home)))
  }
}

async function play(town: Town, database: SimDatabase): Promise<void> {
  const { scheduler, swarm, shop, daraja } = town
  openLetterBox(town)
  shop.boot()
  if (swarm.faults.has('two-apps')) shop.boot()
  let shopping = 0
  for (let number = 0; number < swarm.shoppers; number++) {
    shopping++
    void shopOnce(town, number).then(
      () => shopping--,
      (error: unknown) => scheduler.fail(`shopper ${number}: ${String(error)}`),
    )
  }
  while (shopping > 0 && isGoing(scheduler)) {
    if (swarm.faults.has('kill') && shop.apps.length > 0 && scheduler.dice.chance(swarm.killRate)) {
      await shop.kill(scheduler.dice.pick(shop.apps))
      scheduler.park(world, 'a process starts', () => shop.boot().home.name, scheduler.dice.between(500, 8_000))
    }
    if (!(await scheduler.step())) break
  }
  if (scheduler.violation !== undefined) return
  scheduler.note('CALM')
  shop.isStormy = database.isStormy = daraja.isStormy = false
  // Clocks are right again: the skewed processes are replaced in good order.
  for (const app of shop.apps) await shop.kill(app)
  shop.boot()
  await comeToRest(town)
  if (scheduler.violation !== undefined) return
  await checkEnd(town.pool.admin, scheduler, daraja, (id) => callbackToken(appSecret, 'mpesa', id))
  if (scheduler.dice.chance(0.25)) await checkRebuilt(town, database)
}

const isGoing = (scheduler: Scheduler): boolean => {
  if (scheduler.steps > mostSteps) scheduler.fail(`no end after ${mostSteps} steps`)
  return scheduler.violation === undefined
}

/** Faults are over: works off what is due, goes on to the next moment something is due, for at most 96 hours. */
async function comeToRest(town: Town): Promise<void> {
  const { scheduler, shop } = town
  const endMs = scheduler.nowMs + hours(96)
  const [app] = shop.apps
  if (app === undefined) throw new Error('no process runs')
  while (isGoing(scheduler)) {
    const due = await whatIsDue(town)
    if (due.rows) await finish(scheduler, app.drain())
    if (due.orders) await finish(scheduler, app.sweep())
    if (due.clerk) await finish(scheduler, clerkWorks(town))
    if (due.rows || due.orders || due.clerk) continue
    const next = Math.min(due.nextMs ?? Number.POSITIVE_INFINITY, scheduler.nextDueMs() ?? Number.POSITIVE_INFINITY)
    if (next > endMs) return
    scheduler.nowMs = Math.max(scheduler.nowMs, next) + 1
    while (isGoing(scheduler) && (await scheduler.step(scheduler.nowMs))) continue
  }
}

/** Runs the world until a piece of work is done. */
async function finish(scheduler: Scheduler, work: Promise<number>): Promise<number> {
  let result: number | undefined
  void work.then((count) => {
    result = count
  })
  while (isGoing(scheduler)) {
    // A step with nothing to do goes on to the next thing that is due, which may be days away: not when the work is done.
    await scheduler.settled()
    if (result !== undefined || !(await scheduler.step())) break
  }
  if (result === undefined && scheduler.violation === undefined) scheduler.fail('work stands still and nothing is under way')
  return result ?? 0
}

/** What is due now, and when the next row of a queue will be. */
async function whatIsDue({
  pool,
  scheduler,
}: Town): Promise<{ rows: boolean; orders: boolean; clerk: boolean; nextMs: number | undefined }> {
  const rows = await pool.admin.unsafe<{ kind: 'rows' | 'orders' | 'clerk'; at: string | null }[]>(dueQuery, [], asPrepared)
  const at = new Map(rows.filter((row) => row.at !== null).map((row) => [row.kind, Math.ceil(Number(row.at))]))
  const isDue = (kind: 'rows' | 'orders' | 'clerk'): boolean => (at.get(kind) ?? Number.POSITIVE_INFINITY) <= scheduler.nowMs
  return {
    rows: isDue('rows'),
    orders: isDue('orders'),
    clerk: isDue('clerk'),
    nextMs: at.size === 0 ? undefined : Math.min(...at.values()),
  }
}

const dueQuery = `
  select 'rows' as kind, extract(epoch from min(at)) * 1000 as at from (
    select min(next_check_at) as at from transactions
    union all select min(next_attempt_at) from webhook_events where applied_at is null
    union all select min(greatest(available_at, locked_until)) from outbox where done_at is null and dead_at is null) queues
  union all select 'orders', extract(epoch from min(expires_at)) * 1000 from orders o where state = 'awaiting_payment'
    and not exists (select 1 from transactions t where t.order_id = o.id and t.kind = 'charge' and t.state in ('created', 'pending', 'processing', 'review'))
  union all select 'clerk', min(0) from transactions where (kind = 'refund' and state = 'manual') or (kind = 'charge' and state = 'review')`

async function checkRebuilt({ scheduler }: Town, database: SimDatabase): Promise<void> {
  let isDone = false
  void findProjectionDifferences(database.clientFor(world)).then(
    (differences) => {
      isDone = true
      for (const difference of differences) scheduler.fail(`a transaction and its events disagree: ${JSON.stringify(difference)}`)
    },
    (error: unknown) => scheduler.fail(`rebuilding failed: ${String(error)}`),
  )
  while (!isDone && scheduler.violation === undefined) if (!(await scheduler.step())) break
}
