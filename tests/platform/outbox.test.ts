import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { randomIds } from '../../src/lib/ids.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { hours, minutes, seconds } from '../../src/lib/time.ts'
import { backoffMs } from '../../src/platform/backoff.ts'
import { createLog } from '../../src/platform/log.ts'
import { createOutbox, enqueue, mostAttempts, type OutboxMessage } from '../../src/platform/outbox.ts'
import { outbox } from '../../src/platform/outbox.table.ts'
import { pruneOutbox } from '../../src/platform/prune-outbox.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { fakeClock } from '../support/fake-clock.ts'

let database: FreshDatabase
beforeAll(async () => void (database = await freshDatabase()))
afterAll(async () => await database.drop())

const log = createLog('silent')
const clock = fakeClock()
const worker = () => createOutbox({ db: database.db, clock, log })
const send = async (message: OutboxMessage) =>
  await database.db.transaction(async (tx) => await enqueue(tx, systemStamp('test', { clock, ids: randomIds }), message))
const rowOf = async (topic: string) => (await database.db.select().from(outbox).where(eq(outbox.topic, topic)))[0]

describe('the outbox', () => {
  test('a message of a change that is rolled back is never sent', async () => {
    const heard: unknown[] = []
    const one = worker()
    one.handle('rolled-back', async (message) => void heard.push(message))
    await database.db
      .transaction(async (tx) => {
        await enqueue(tx, systemStamp('test', { clock, ids: randomIds }), { topic: 'rolled-back', payload: {} })
        throw new Error('changed my mind')
      })
      .catch(() => undefined)
    await one.drainOnce()
    expect(heard).toEqual([])
  })

  test('the same dedupe key is one message for ever', async () => {
    let count = 0
    const one = worker()
    one.handle('once', async () => void (count += 1))
    for (let i = 0; i < 3; i += 1) {
      await send({ topic: 'once', payload: { i }, dedupeKey: 'once:1' })
      await one.drainOnce()
    }
    expect(count).toBe(1)
  })

  test('a message waits for its time', async () => {
    let count = 0
    const one = worker()
    one.handle('later', async () => void (count += 1))
    await send({ topic: 'later', payload: {}, availableAt: new Date(clock.now().getTime() + hours(1)) })
    await one.drainOnce()
    expect(count).toBe(0)
    clock.advance(hours(1))
    await one.drainOnce()
    expect(count).toBe(1)
  })

  test('a failing message is tried again with growing gaps, and given up visibly after twenty tries', async () => {
    let tries = 0
    const one = worker()
    one.handle('broken', async () => {
      tries += 1
      throw new Error('the gateway of 254712345678 is down')
    })
    await send({ topic: 'broken', payload: {} })
    await one.drainOnce()
    expect(tries).toBe(1)
    await one.drainOnce()
    expect(tries).toBe(1)
    for (let i = 0; i < 60; i += 1) {
      clock.advance(minutes(5))
      await one.drainOnce()
    }
    expect(tries).toBe(mostAttempts)
    const row = await rowOf('broken')
    expect(row?.deadAt).not.toBeNull()
    // People's numbers do not get into the table by way of an error text.
    expect(row?.lastError).toBe('the gateway of [phone] is down')
  })

  test('a message in the hands of a process that died comes back when its lease ends', async () => {
    let count = 0
    const one = worker()
    one.handle('leased', async () => void (count += 1))
    await send({ topic: 'leased', payload: {} })
    await database.db
      .update(outbox)
      .set({ attempts: 1, lockedUntil: new Date(clock.now().getTime() + seconds(60)) })
      .where(eq(outbox.topic, 'leased'))
    await one.drainOnce()
    expect(count).toBe(0)
    clock.advance(seconds(61))
    await one.drainOnce()
    expect(count).toBe(1)
  })

  test('four workers share two hundred messages and send each once', async () => {
    const heard: string[] = []
    const workers = Array.from({ length: 4 }, () => {
      const one = worker()
      one.handle('shared', async (message) => {
        await Bun.sleep(1)
        heard.push(message.id)
      })
      return one
    })
    for (let i = 0; i < 200; i += 1) await send({ topic: 'shared', payload: { i } })
    await Promise.all(workers.map(async (one) => await one.drainOnce()))
    expect(heard).toHaveLength(200)
    expect(new Set(heard).size).toBe(200)
  })

  test('a topic nobody handles here is left for a process that does', async () => {
    await send({ topic: 'of-tomorrow', payload: {} })
    await worker().drainOnce()
    expect(await rowOf('of-tomorrow')).toMatchObject({ attempts: 0, doneAt: null })
  })

  test('a slow topic does not keep another waiting, and stopping waits for what is in hand', async () => {
    const release = Promise.withResolvers<void>()
    const heard: string[] = []
    const one = createOutbox({ db: database.db, clock, log, intervalMs: 20 })
    one.handle('slow', async () => {
      await release.promise
      heard.push('slow')
    })
    one.handle('quick', async () => void heard.push('quick'))
    for (let i = 0; i < 30; i += 1) await send({ topic: 'slow', payload: {} })
    await send({ topic: 'quick', payload: {} })
    one.start()
    for (let i = 0; i < 100 && !heard.includes('quick'); i += 1) await Bun.sleep(10)
    expect(heard).toEqual(['quick'])
    const stopped = one.stop()
    release.resolve()
    await stopped
    expect(heard.length).toBeGreaterThan(1)
    expect((await database.db.select().from(outbox).where(eq(outbox.topic, 'slow'))).filter((row) => row.doneAt !== null)).toHaveLength(
      heard.length - 1,
    )
  })

  test('old finished messages are removed, dead ones are kept', async () => {
    clock.advance(hours(24 * 31))
    await pruneOutbox(database.db, clock.now())
    const left = await database.db.select().from(outbox)
    expect(left.every((row) => row.doneAt === null)).toBe(true)
    expect(left.some((row) => row.deadAt !== null)).toBe(true)
  })
})

test('the gap doubles, stays under its limit and is never the same for all', () => {
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, 1_000, 300_000, () => 1))).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(backoffMs(50, 1_000, 300_000, () => 1)).toBe(300_000)
  expect(backoffMs(3, 1_000, 300_000, () => 0)).toBe(2_000)
})
