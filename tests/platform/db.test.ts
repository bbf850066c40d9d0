import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { bigint, pgTable, text } from 'drizzle-orm/pg-core'
import { Refusal } from '../../src/lib/refusal.ts'
import { constraintOf, isConnectionLoss, sqlState, withRetry } from '../../src/platform/db-error.ts'
import { createDb, type DbLane } from '../../src/platform/db.ts'
import { databaseUrl, testServerUrl } from '../support/database.ts'

const things = pgTable('gate_things', { thingId: bigint({ mode: 'number' }).primaryKey(), labels: text().array() })

const lanes: DbLane[] = []
let url: string
const lane = (options: Partial<Parameters<typeof createDb>[0]> = {}): DbLane => {
  const opened = createDb({ url, lane: 'test', connections: 3, gateWaitMs: 2_500, ...options })
  lanes.push(opened)
  return opened
}

beforeAll(async () => {
  url = databaseUrl(await testServerUrl(), 'postgres')
  await lane().db.execute(sql`create table if not exists gate_things (thing_id bigint primary key, labels text[])`)
})
afterAll(async () => {
  await lane().db.execute(sql`drop table gate_things`)
  await Promise.all(lanes.map((one) => one.close()))
})

test('a trivial query beside slow ones is refused within the wait, and answered once a place is free', async () => {
  const { db, gate } = lane({ gateWaitMs: 30 })
  const slow = Array.from({ length: 3 }, () => db.execute(sql`select pg_sleep(0.3)`))
  const settled = Promise.all(slow)
  while (gate.inUse < 3) await Promise.resolve()
  const refused = await db.execute(sql`select 1`).catch((error: unknown) => error)
  expect((refused as Error).cause ?? refused).toBeInstanceOf(Refusal)
  await settled
  expect([...(await db.execute(sql`select 1 as one`))]).toEqual([{ one: 1 }])
  expect(gate.inUse).toBe(0)
})

test('a slow web lane does not hold up the payments lane', async () => {
  const web = lane({ lane: 'web' })
  const pay = lane({ lane: 'pay', connections: 1 })
  const slow = Promise.all(Array.from({ length: 3 }, () => web.db.execute(sql`select pg_sleep(0.5)`)))
  let isSlowDone = false
  const slowDone = slow.then(() => (isSlowDone = true))
  await pay.db.transaction((tx) => tx.execute(sql`select 1`))
  expect(isSlowDone).toBe(false)
  await slowDone
})

test('transactions, savepoints, arrays and rows in both shapes work through the gate', async () => {
  const { db, gate } = lane({ connections: 1 })
  await db.transaction(async (tx) => {
    await tx.insert(things).values({ thingId: 1, labels: ['a', 'b'] })
    await tx
      .transaction(async (deeper) => {
        await deeper.insert(things).values({ thingId: 2, labels: [] })
        return deeper.rollback()
      })
      .catch((error: Error) => expect(error.message).toContain('Rollback'))
    await Promise.all([tx.select().from(things), tx.execute(sql`select 1`)])
  })
  expect(await db.select().from(things)).toEqual([{ thingId: 1, labels: ['a', 'b'] }])
  expect(gate.inUse).toBe(0)
  const twice = await db
    .insert(things)
    .values({ thingId: 1 })
    .catch((error: unknown) => error)
  expect([sqlState(twice), constraintOf(twice), isConnectionLoss(twice)]).toEqual(['23505', 'gate_things_pkey', false])
  expect(gate.inUse).toBe(0)
})

test('statements are planned once a connection, unless a pooler stands between', async () => {
  const named = lane({ connections: 1 })
  const unnamed = lane({ connections: 1, prepare: false })
  const count = sql`select count(*)::int as count from pg_prepared_statements where statement like ${'%gate_things%'}`
  for (const { db } of [named, unnamed]) {
    await db.select().from(things).where(eq(things.thingId, 1))
    await db.transaction((tx) => tx.select().from(things).where(eq(things.thingId, 1)))
  }
  expect((await named.db.execute(count))[0]).toMatchObject({ count: 1 })
  expect((await unnamed.db.execute(count))[0]).toMatchObject({ count: 0 })
})

test('the server ends what runs too long or waits too long for a lock', async () => {
  const { db } = lane({ statementTimeoutMs: 50, lockTimeoutMs: 20 })
  expect(sqlState(await db.execute(sql`select pg_sleep(5)`).catch((error: unknown) => error))).toBe('57014')
  const held = Promise.withResolvers<void>()
  const isHeld = Promise.withResolvers<void>()
  const holder = lane().db.transaction(async (tx) => {
    await tx.execute(sql`lock table gate_things`)
    isHeld.resolve()
    await held.promise
  })
  await isHeld.promise
  expect(
    sqlState(
      await db
        .select()
        .from(things)
        .catch((error: unknown) => error),
    ),
  ).toBe('55P03')
  held.resolve()
  await holder
})

test('a deadlock is run again until it passes, other errors are not', async () => {
  const { db } = lane()
  let attempts = 0
  const failing = (state: string) => async () => {
    attempts++
    await db.execute(sql.raw(`do $$ begin raise exception 'made up' using errcode = '${state}'; end $$`))
  }
  expect(sqlState(await withRetry(failing('40P01')).catch((error: unknown) => error))).toBe('40P01')
  expect(attempts).toBe(3)
  expect(sqlState(await withRetry(failing('23505')).catch((error: unknown) => error))).toBe('23505')
  expect(attempts).toBe(4)
})

test('a database that is away is a loss, said quickly, and the probe says so too', async () => {
  const away = lane({ url: 'postgres://nobody@127.0.0.1:1/none' })
  expect(isConnectionLoss(await away.db.execute(sql`select 1`).catch((error: unknown) => error))).toBe(true)
  expect(await away.health()).toBe(false)
  expect(await lane().health()).toBe(true)
})
