import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { judgeFix } from '../../src/domain/delivery/fix.rules.ts'
import { PositionThrottle } from '../../src/domain/delivery/position.throttle.ts'
import { worthSaving } from '../../src/domain/delivery/trail.rules.ts'
import { createLog } from '../../src/platform/log.ts'
import { createRedis } from '../../src/platform/redis.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, newRider, packed, type Story, track } from './delivery-story.ts'

let shop: TestShop
let beside: TestShop
let clock: FakeClock
let people: Crew
beforeAll(async () => {
  clock = fakeClock()
  shop = await openShop({ overrides: { clock } })
  beside = await openShop({ beside: shop, overrides: { clock } })
  people = await crew(shop)
})
afterAll(async () => {
  await beside.close()
  await shop.close()
})

// One ten-thousandth of a degree of latitude is 11.1 m.
const north = (metres: number): number => -1.3 + metres / 111_195
const send = async (story: Story, fixes: object[], rider = people.rider) => {
  const answer = await rider.post(`/api/v1/deliveries/${story.id}/positions`, { fixes })
  return (await answer.json()) as {
    isPublished: boolean
    saved: number
    refused: { index: number; why: string }[]
    isOutsideKenya: boolean
    code?: string
  }
}
const trail = async (story: Story): Promise<number[]> =>
  (await shop.database.sql<{ lat: number }[]>`select lat from delivery_positions where delivery_id = ${story.id} order by fixed_at`).map(
    ({ lat }) => lat,
  )
const riding = async (): Promise<Story> => {
  const story = await packed(shop, people.staff)
  await bring(story, people.rider, 'en_route')
  return story
}

describe('the thresholds', () => {
  test('a position goes out every 5,000 ms and no sooner', async () => {
    const story = await riding()
    expect((await send(story, [{ lat: north(0), lng: 36.8 }])).isPublished).toBe(true)
    clock.advance(4_999)
    expect((await send(story, [{ lat: north(50), lng: 36.8 }])).isPublished).toBe(false)
    clock.advance(1)
    expect((await send(story, [{ lat: north(100), lng: 36.8 }])).isPublished).toBe(true)
  })

  test('it is saved after 8,000 ms and 25 m from the last saved one, and the first always', async () => {
    const story = await riding()
    const at = async (afterMs: number, metres: number) => {
      clock.advance(afterMs)
      return (await send(story, [{ lat: north(metres), lng: 36.8 }])).saved
    }
    expect(await at(0, 0)).toBe(1)
    expect(await at(7_999, 100)).toBe(0)
    expect(await at(5_000, 24)).toBe(0)
    expect(await at(5_000, 26)).toBe(1)
    expect(await trail(story)).toEqual([-1.3, Number(north(26).toFixed(6))])
    const [row] = await shop.database.sql`select last_lat, last_fix_at from deliveries where id = ${story.id}`
    expect(row?.['last_lat']).toBe(Number(north(26).toFixed(6)))
    const [driver] = await shop.database.sql`select last_lat from drivers where account_id = ${people.rider.accountId}`
    expect(driver?.['last_lat']).toBe(Number(north(26).toFixed(6)))
  })

  test('what was published but not saved is what a newcomer sees', async () => {
    const story = await riding()
    await send(story, [{ lat: north(0), lng: 36.8 }])
    clock.advance(6_000)
    await send(story, [{ lat: north(10), lng: 36.8 }])
    const watcher = await track(shop, story, { link: story.order.token })
    expect(JSON.parse((await watcher.atLeast(2))[1] ?? '')).toEqual({
      type: 'position_update',
      lat: Number(north(10).toFixed(6)),
      lng: 36.8,
      status: 'en_route',
      ts: clock.now().getTime(),
    })
    await watcher.close()
  })

  test('a batch kept without signal becomes the trail; only its newest may move the dot', async () => {
    const story = await riding()
    const began = clock.now().getTime()
    clock.advance(60_000)
    const fixes = Array.from({ length: 13 }, (_, index) => ({
      lat: north(index * 20),
      lng: 36.8,
      fixedAt: new Date(began + index * 5_000).toISOString(),
    }))
    const outcome = await send(story, fixes)
    // Every second fix is 10 s and 40 m on.
    expect([outcome.isPublished, outcome.saved]).toEqual([true, 7])
    expect((await send(story, fixes)).saved).toBe(0)
    expect((await trail(story)).length).toBe(7)
  })

  test('an old fix never moves the marker back', async () => {
    const story = await riding()
    clock.advance(30_000)
    await send(story, [{ lat: north(500), lng: 36.8 }])
    clock.advance(10_000)
    const outcome = await send(story, [{ lat: north(100), lng: 36.8, fixedAt: new Date(clock.now().getTime() - 20_000).toISOString() }])
    expect([outcome.isPublished, outcome.saved]).toEqual([false, 0])
  })
})

describe('the rules of a fix', () => {
  const now = new Date('2026-11-24T09:00:00Z')
  test.each([
    [Number.NaN, 36, 'invalid_payload'],
    [Number.POSITIVE_INFINITY, 36, 'invalid_payload'],
    ['-1.3', 36, 'invalid_payload'],
    [null, undefined, 'invalid_payload'],
    [90.000001, 36, 'out_of_range'],
    [-1.3, -180.1, 'out_of_range'],
    [0, 0, 'out_of_range'],
  ])('%p, %p is refused as %p', (lat, lng, why) => {
    expect(judgeFix({ lat, lng }, now)).toEqual({ ok: false, why: why as 'invalid_payload' })
  })

  test('six places are kept, a place outside Kenya is flagged, the edge of the world is a place', () => {
    expect(judgeFix({ lat: -1.28333349, lng: 36.81666651 }, now)).toMatchObject({
      ok: true,
      fix: { lat: -1.283333, lng: 36.816667, isOutsideKenya: false, isLate: false },
    })
    expect(judgeFix({ lat: 1.2345, lng: 2.3456 }, now)).toMatchObject({ ok: true, fix: { isOutsideKenya: true } })
    expect(judgeFix({ lat: 90, lng: -180 }, now)).toMatchObject({ ok: true })
  })

  test('a clock that runs ahead is forgiven a minute, an old fix is late after ten', () => {
    const at = (ms: number) => judgeFix({ lat: -1, lng: 36, fixedAt: new Date(now.getTime() + ms) }, now)
    expect(at(60_000)).toMatchObject({ ok: true, fix: { fixedAt: now } })
    expect(at(60_001)).toEqual({ ok: false, why: 'from_the_future' })
    expect(at(-600_000)).toMatchObject({ fix: { isLate: false } })
    expect(at(-600_001)).toMatchObject({ fix: { isLate: true } })
    expect(judgeFix({ lat: -1, lng: 36, fixedAt: new Date(Number.NaN) }, now)).toEqual({ ok: false, why: 'invalid_payload' })
  })

  test('nothing from before the driver had the delivery is part of the trip', () => {
    const fix = {
      lat: -1,
      lng: 36,
      accuracyM: null,
      speedMps: null,
      headingDeg: null,
      fixedAt: new Date(now.getTime() - 1),
      isLate: false,
      isOutsideKenya: false,
      isTimed: false,
    }
    expect(
      worthSaving({ lastFixAt: null, lastLat: null, lastLng: null, assignedAt: now }, [fix], {
        positionPersistMs: 8_000,
        positionPersistM: 25,
      }),
    ).toEqual([])
  })
})

describe('who may send', () => {
  test('only the driver assigned now, in a live state', async () => {
    const story = await riding()
    const other = await newRider(shop, { isOnDuty: false })
    expect((await send(story, [{ lat: -1.3, lng: 36.8 }], other)).code).toBe('not_found')
    expect((await people.staff.post(`/api/v1/deliveries/${story.id}/positions`, { fixes: [{ lat: -1.3, lng: 36.8 }] })).status).toBe(403)
    await people.rider.post(`/api/v1/deliveries/${story.id}/fail`, { reason: 'no_answer' })
    expect((await send(story, [{ lat: -1.3, lng: 36.8 }])).code).toBe('delivery_state')
  })

  test('a position that races with the hand-over is either before it or refused', async () => {
    const story = await riding()
    const [handed, ...sent] = await Promise.all([
      people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code }),
      ...Array.from({ length: 10 }, (_, index) =>
        send(story, [
          { lat: north(index * 30), lng: 36.8, fixedAt: new Date(clock.now().getTime() + index * 10_000 - 100_000).toISOString() },
        ]),
      ),
    ])
    expect(handed.status).toBe(200)
    for (const one of sent) expect(one.code === undefined || one.code === 'delivery_state').toBe(true)
    clock.advance(6_000)
    expect((await send(story, [{ lat: north(900), lng: 36.8 }])).code).toBe('delivery_state')
  })
})

describe('the throttle', () => {
  test('lets one of many through, whichever process they come to', async () => {
    const story = await riding()
    const nodes = [shop, beside]
    const { token } = people.rider
    const report = async (index: number) => {
      const answer = await fetch(`${nodes[index % 2]?.origin}/api/v1/deliveries/${story.id}/positions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ fixes: [{ lat: north(index), lng: 36.8 }] }),
      })
      return (await answer.json()) as { isPublished: boolean }
    }
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => report(index)))
    expect(outcomes.filter(({ isPublished }) => isPublished).length).toBe(1)
  })

  test('holds in each process while Redis is away', async () => {
    const redis = createRedis('redis://127.0.0.1:1', createLog('silent'))
    const throttle = new PositionThrottle({ command: redis.command, clock, intervalMs: 5_000 })
    const asked = await Promise.all(Array.from({ length: 10 }, () => throttle.take('d', 'x')))
    expect(asked.filter(Boolean).length).toBe(1)
    expect(await throttle.take('d', 'y')).toBe(true)
    clock.advance(5_000)
    expect(await throttle.take('d', 'x')).toBe(true)
    await redis.close()
  })
})
