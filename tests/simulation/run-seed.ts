import { findProjectionDifferences } from '../../src/domain/payments/rebuild-projection.ts'
import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { hours } from '../../src/lib/time.ts'
import { Daraja } from './daraja.ts'
import { dice } from './dice.ts'
import { checkAlways, checkEnd } from './oracle.ts'
import { clerkWorks, openLetterBox, shopOnce, type Town } from './people.ts'
import { Scheduler, world } from './scheduler.ts'
import { appSecret, Shop } from './shop.ts'
import { SimDatabase } from './sim-database.ts'
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
  await checkRebuilt(town, database)
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
    const done =
      (await finish(scheduler, app.drain())) + (await finish(scheduler, app.sweep())) + (await finish(scheduler, clerkWorks(town)))
    if (done > 0) continue
    const next = Math.min((await nextDueMs(town)) ?? Number.POSITIVE_INFINITY, scheduler.nextDueMs() ?? Number.POSITIVE_INFINITY)
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
  while (result === undefined && isGoing(scheduler)) if (!(await scheduler.step())) break
  if (result === undefined && scheduler.violation === undefined) scheduler.fail('work stands still and nothing is under way')
  return result ?? 0
}

/** When a row of some queue is due. */
async function nextDueMs({ pool, scheduler }: Town): Promise<number | undefined> {
  const now = new Date(scheduler.nowMs).toISOString()
  const [row] = await pool.admin<{ due: string | null }[]>`
    select extract(epoch from min(at)) * 1000 as due from (
      select min(next_check_at) as at from transactions where kind = 'charge'
      union all select min(next_attempt_at) from webhook_events where applied_at is null
      union all select min(greatest(available_at, locked_until)) from outbox where done_at is null and dead_at is null
      union all select min(expires_at) from orders where state = 'awaiting_payment' and expires_at > ${now}::text::timestamptz
    ) dues`
  return row?.due === null || row === undefined ? undefined : Math.ceil(Number(row.due))
}

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
