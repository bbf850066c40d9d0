import { afterAll, beforeAll, expect, test } from 'bun:test'
import { crossing } from '../../src/domain/delivery/fence.rules.ts'
import { guest } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, packed, paidOrder, type Story } from './delivery-story.ts'

let shop: TestShop
let clock: FakeClock
let people: Crew
beforeAll(async () => {
  clock = fakeClock()
  shop = await openShop({ overrides: { clock } })
  people = await crew(shop)
})
afterAll(() => shop.close())

const door = { lat: -1.2921, lng: 36.7854 }
/** So many metres north of the door. */
const away = (metres: number) => ({ lat: door.lat + metres / 111_195, lng: door.lng })
const fix = (metres: number, accuracyM: number | null = 10) => ({ ...away(metres), accuracyM })

const riding = async (isPinned = true): Promise<Story> => {
  const address = { county: 'Nairobi', town: 'Kilimani', landmark: 'Blue gate', ...(isPinned ? door : {}) }
  const story = await packed(shop, people.staff, await paidOrder(shop, guest(shop), { address }))
  await bring(story, people.rider, 'en_route')
  return story
}
/** The rider is seen that far from the door; six seconds pass first, and as much time as the ride takes. */
const seen = async (story: Story, metres: number, accuracyM = 10): Promise<string> => {
  clock.advance(60_001)
  const fixedAt = clock.now().toISOString()
  const answer = await people.rider.post(`/api/v1/deliveries/${story.id}/positions`, { fixes: [{ ...away(metres), accuracyM, fixedAt }] })
  if (answer.status !== 200) throw new Error(await answer.text())
  return ((await (await people.rider.get(`/api/v1/deliveries/${story.id}`)).json()) as { state: string }).state
}
const messages = async (story: Story, event: string): Promise<number> => {
  const [row] = await shop.database.sql`
    select count(*)::int as n from outbox where topic = 'order.message' and payload->>'event' = ${event} and payload->>'orderId' = ${story.order.id}`
  return row?.['n'] as number
}

test('two exact fixes within 150 m of the pin are an arrival, one is not', async () => {
  const story = await riding()
  expect([await seen(story, 800), await seen(story, 140), await seen(story, 120)]).toEqual(['en_route', 'en_route', 'arriving'])
  expect(await messages(story, 'rider_near')).toBe(1)
})

test('an arrival is taken back only beyond 300 m, and coming near again tells the shopper nothing new', async () => {
  const story = await riding()
  const states: string[] = []
  for (const metres of [140, 130, 200, 290, 310, 320, 310, 140, 120]) states.push(await seen(story, metres))
  expect(states).toEqual(['en_route', 'arriving', 'arriving', 'arriving', 'arriving', 'en_route', 'en_route', 'en_route', 'arriving'])
  expect(await messages(story, 'rider_near')).toBe(1)
})

test('what the rider pressed is not taken back by where the phone says they are', async () => {
  const story = await riding()
  await bring(story, people.rider, 'arriving')
  expect([await seen(story, 900), await seen(story, 950)]).toEqual(['arriving', 'arriving'])
})

test('inexact fixes and an address without a pin never arrive by themselves', async () => {
  const story = await riding()
  expect([await seen(story, 20, 80), await seen(story, 20, 80), await seen(story, 20, 10)]).toEqual(['en_route', 'en_route', 'en_route'])
  const unpinned = await riding(false)
  // The middle of the county stands in for the door; make it the place the rider is seen at.
  await shop.database.sql`update deliveries set dest_lat = ${door.lat}, dest_lng = ${door.lng} where id = ${unpinned.id}`
  expect([await seen(unpinned, 10), await seen(unpinned, 10)]).toEqual(['en_route', 'en_route'])
})

test('the fence is a rule of two fixes', () => {
  expect(crossing('en_route', door, fix(149), fix(10))).toBe('arriving')
  expect(crossing('en_route', door, fix(152), fix(10))).toBeUndefined()
  expect(crossing('en_route', door, undefined, fix(10))).toBeUndefined()
  expect(crossing('arriving', door, fix(301), fix(305))).toBe('en_route')
  expect(crossing('arriving', door, fix(299), fix(305))).toBeUndefined()
  expect(crossing('picked_up', door, fix(10), fix(10))).toBeUndefined()
})

test('each failed attempt is told to the shopper', async () => {
  const story = await riding()
  const fail = () => people.rider.post(`/api/v1/deliveries/${story.id}/fail`, { reason: 'no_answer' })
  expect((await fail()).status).toBe(200)
  expect((await fail()).status).toBe(200)
  expect(await messages(story, 'attempt_failed')).toBe(1)
  await people.rider.post(`/api/v1/deliveries/${story.id}/depart`)
  await fail()
  expect(await messages(story, 'attempt_failed')).toBe(2)
})
