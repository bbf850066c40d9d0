import { afterAll, beforeAll, expect, test } from 'bun:test'
import { fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, packed, track } from './delivery-story.ts'

// Two processes of one shop on one database and one Redis.
let here: TestShop
let there: TestShop
let people: Crew
beforeAll(async () => {
  here = await openShop()
  // On a clock that stands still nothing is asked again by time: what is heard there has come over the bus.
  there = await openShop({ beside: here, overrides: { clock: fakeClock() } })
  here.context.outbox.start()
  people = await crew(here)
})
afterAll(async () => {
  await there.close()
  await here.close()
})

test('a position sent to one process reaches a watcher on the other, and so does the end', async () => {
  const story = await packed(here, people.staff)
  await bring(story, people.rider, 'en_route')
  const watcher = await track(there, story, { link: story.order.token })
  const rider = await track(here, story, people.rider)
  await Promise.all([watcher.atLeast(1), rider.atLeast(1)])
  rider.send({ type: 'position_update', lat: -1.2921, lng: 36.8219 })
  expect(await watcher.find((frame) => frame['type'] === 'position_update')).toMatchObject({
    lat: -1.2921,
    lng: 36.8219,
    status: 'en_route',
  })
  await people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code })
  expect((await watcher.closed).code).toBe(4008)
  expect(watcher.frames.filter((frame) => frame === '{"type":"status","status":"delivered"}').length).toBe(1)
  expect((await rider.closed).code).toBe(4008)
})

test('a driver taken off in one process is cut in the other, which is told', async () => {
  const story = await packed(here, people.staff)
  await bring(story, people.rider, 'assigned')
  const rider = await track(there, story, people.rider)
  await rider.atLeast(1)
  expect((await people.vendor.post(`/api/v1/deliveries/${story.id}/unassign`, { reason: 'test' })).status).toBe(200)
  expect((await rider.closed).code).toBe(4003)
})
