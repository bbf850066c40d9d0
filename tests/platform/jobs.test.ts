import { afterAll, beforeAll, expect, test } from 'bun:test'
import { systemClock } from '../../src/lib/clock.ts'
import { createJobs } from '../../src/platform/jobs.ts'
import { createLog } from '../../src/platform/log.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

let database: FreshDatabase
beforeAll(async () => void (database = await freshDatabase()))
afterAll(async () => await database.drop())

const jobsOf = (databaseUrl: string | undefined) =>
  createJobs({ db: database.db, databaseUrl, clock: systemClock, log: createLog('silent') })

test('a ticker runs again and again, never beside itself, and stops when told', async () => {
  const jobs = jobsOf(undefined)
  let running = 0
  let most = 0
  let count = 0
  jobs.every('tick', 10, async () => {
    running += 1
    most = Math.max(most, running)
    await Bun.sleep(20)
    running -= 1
    count += 1
  })
  await jobs.start()
  await Bun.sleep(250)
  await jobs.stop()
  const stoppedAt = count
  expect(most).toBe(1)
  expect(count).toBeGreaterThan(3)
  await Bun.sleep(60)
  expect(count).toBe(stoppedAt)
})

test('the last run of each job can be asked for, with its failure', async () => {
  const jobs = jobsOf(undefined)
  let isBroken = true
  jobs.schedule('nightly', '0 3 * * *', async () => {
    if (isBroken) throw new Error('no')
  })
  expect(jobs.runNow('nightly')).rejects.toThrow('no')
  await Bun.sleep(50)
  expect((await jobs.lastRuns()).find((run) => run.name === 'nightly')).toMatchObject({ lastError: 'no' })
  isBroken = false
  await jobs.runNow('nightly')
  const run = (await jobs.lastRuns()).find((each) => each.name === 'nightly')
  expect(run?.finishedAt).not.toBeNull()
  // The failure stays visible beside the later success.
  expect(run?.lastError).toBe('no')
  expect(jobs.runNow('unknown')).rejects.toThrow('no job named')
})

test('cron lines are kept in the database in Nairobi time, and a name of an earlier version is dropped', async () => {
  const old = jobsOf(database.url)
  old.schedule('of-yesterday', '0 4 * * *', async () => undefined)
  await old.start()
  await old.stop()
  const jobs = jobsOf(database.url)
  jobs.schedule('of-today', '0 4 * * *', async () => undefined)
  await jobs.start()
  const schedules = await database.sql<{ name: string; timezone: string }[]>`select name, timezone from pgboss.schedule`
  await jobs.stop()
  expect([...schedules]).toEqual([{ name: 'of-today', timezone: 'Africa/Nairobi' }])
}, 30_000)
