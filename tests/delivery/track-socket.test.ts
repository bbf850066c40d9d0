import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { person } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, newRider, packed, paidOrder, refusedUpgrade, type Story, track } from './delivery-story.ts'

let shop: TestShop
let clock: FakeClock
let people: Crew
beforeAll(async () => {
  clock = fakeClock()
  shop = await openShop({ overrides: { clock } })
  shop.context.outbox.start()
  people = await crew(shop)
})
afterAll(() => shop.close())

const update = (
  story: Story,
  status: string,
  moments: { assigned?: string | null; picked?: string | null; delivered?: string | null } = {},
) =>
  JSON.stringify({
    type: 'status_update',
    id: story.number,
    status,
    assigned_at: moments.assigned ?? null,
    picked_up_at: moments.picked ?? null,
    delivered_at: moments.delivered ?? null,
  })
const code = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { code: string }).code,
  answer.headers.get('content-type'),
]
const now = () => clock.now().toISOString()

describe('the predecessor’s frames', () => {
  test('come byte for byte: a snapshot, then states and positions', async () => {
    const story = await packed(shop, people.staff)
    const watcher = await track(shop, story, { link: story.order.token })
    expect(await watcher.atLeast(1)).toEqual([update(story, 'pending')])
    const at = now()
    await bring(story, people.rider, 'picked_up')
    const rider = await track(shop, story, people.rider)
    rider.send({ type: 'position_update', lat: -1.2833333333, lng: 36.8166666666 })
    const ts = clock.now().getTime()
    const frames = await watcher.atLeast(8)
    expect(frames.slice(1, 5)).toEqual([
      '{"type":"status","status":"assigned"}',
      update(story, 'assigned', { assigned: at }),
      '{"type":"status","status":"picked_up"}',
      update(story, 'picked_up', { assigned: at, picked: at }),
    ])
    // The first saved fix starts the ride.
    expect(new Set(frames.slice(5))).toEqual(
      new Set([
        `{"type":"position_update","lat":-1.283333,"lng":36.816667,"status":"en_route","ts":${ts}}`,
        '{"type":"status","status":"en_route"}',
        update(story, 'en_route', { assigned: at, picked: at }),
      ]),
    )
    const late = await track(shop, String(story.number), { link: story.order.token })
    expect(await late.atLeast(2)).toEqual([
      update(story, 'en_route', { assigned: at, picked: at }),
      `{"type":"position_update","lat":-1.283333,"lng":36.816667,"status":"en_route","ts":${ts}}`,
    ])
    await Promise.all([watcher, rider, late].map((socket) => socket.close()))
  })

  test.each(['position_update', 'update', 'position'])('a position may be called %s, by type or op', async (word) => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'en_route')
    const watcher = await track(shop, story, { link: story.order.token })
    const rider = await track(shop, story, people.rider)
    await Promise.all([watcher.atLeast(1), rider.atLeast(1)])
    rider.send({ type: word, lat: -1.3, lng: 36.8 })
    expect(await watcher.find((frame) => frame['type'] === 'position_update')).toMatchObject({ lat: -1.3, lng: 36.8, status: 'en_route' })
    clock.advance(5_000)
    rider.send({ op: word, lat: -1.31, lng: 36.8 })
    expect(await watcher.find((frame) => frame['lat'] === -1.31)).toMatchObject({ ts: clock.now().getTime() })
    // The driver hears their own, as before.
    expect(await rider.find((frame) => frame['lat'] === -1.31)).toMatchObject({ type: 'position_update' })
    await Promise.all([watcher.close(), rider.close()])
  })

  test('ping is answered by pong whichever way it is written, and unknown words are passed over', async () => {
    const story = await packed(shop, people.staff)
    const watcher = await track(shop, story, { link: story.order.token })
    await watcher.atLeast(1)
    watcher.send({ type: 'hello' })
    watcher.send({ op: 'ping' })
    watcher.send({ type: 'ping' })
    expect((await watcher.atLeast(3)).slice(1)).toEqual(['{"type":"pong"}', '{"type":"pong"}'])
    await watcher.close()
  })

  test('the trailing slash of the old address is still good', async () => {
    const story = await packed(shop, people.staff)
    const watcher = await track(shop, `${story.id}/`, { link: story.order.token })
    await watcher.atLeast(1)
    await watcher.close()
  })

  test('a watcher who sends a position hears forbidden', async () => {
    const story = await packed(shop, people.staff)
    const watcher = await track(shop, story, { link: story.order.token })
    await watcher.atLeast(1)
    watcher.send({ type: 'position', lat: -1.3, lng: 36.8 })
    watcher.send({ type: 'status', status: 'delivered' })
    expect((await watcher.atLeast(3)).slice(1)).toEqual(['{"type":"error","error":"forbidden"}', '{"type":"error","error":"forbidden"}'])
    await watcher.close()
  })

  test('nonsense is answered and the socket lives', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'en_route')
    const rider = await track(shop, story, people.rider)
    await rider.atLeast(1)
    const nonsense = ['', '{', 'null', '[]', '"x"', '{"type":"status"}', '{"type":"status","status":7}', '['.repeat(5_000), '\u0000']
    for (const text of nonsense) rider.send(text)
    expect((await rider.atLeast(10)).slice(1)).toEqual(nonsense.map(() => '{"type":"error","error":"invalid_payload"}'))
    clock.advance(10_000)
    rider.socket.send(new Uint8Array([1, 2, 3]))
    rider.send({ type: 'position' })
    rider.send({ type: 'position', lat: 'x', lng: 36 })
    rider.send({ type: 'position', lat: 91, lng: 36 })
    rider.send({ type: 'position', lat: 0, lng: 0 })
    rider.send('{"type":"position","lat":1e999,"lng":36}')
    expect((await rider.atLeast(16)).slice(10)).toEqual(
      ['invalid_payload', 'invalid_payload', 'invalid_payload', 'out_of_range', 'out_of_range', 'invalid_payload'].map((error) =>
        JSON.stringify({ type: 'error', error }),
      ),
    )
    await rider.close()
  })
})

describe('a status frame of the driver', () => {
  test('moves the delivery and its order by the state table, and is refused when the table forbids it', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'assigned')
    const rider = await track(shop, story, people.rider)
    await rider.atLeast(1)
    rider.send({ type: 'status', status: 'en_route' })
    rider.send({ type: 'status', status: 'whatever I like' })
    rider.send({ type: 'status', status: 'picked_up' })
    rider.send({ type: 'status', status: 'in_transit' })
    rider.send({ type: 'status', status: 'delivered', code: story.code === '0000' ? '1111' : '0000' })
    expect(await rider.find((frame) => frame['error'] === 'drop_off_code_wrong')).toBeDefined()
    await rider.find((frame) => frame['type'] === 'status' && frame['status'] === 'en_route')
    expect(rider.frames.filter((frame) => frame === '{"type":"error","error":"delivery_state"}').length).toBe(2)
    const [order] = await shop.database.sql`select state from orders where id = ${story.order.id}`
    expect(order?.['state']).toBe('on_the_road')
    rider.send({ type: 'status', status: 'delivered', code: story.code })
    expect(await rider.closed).toEqual({ code: 4008, reason: 'tracking ended' })
    expect(JSON.parse(rider.frames.at(-1) ?? '')).toMatchObject({ type: 'status_update', status: 'delivered', delivered_at: now() })
  })
})

describe('before the upgrade', () => {
  test('a stranger, a foreign site, a wrong delivery, somebody else and a plain request are refused with a problem', async () => {
    const story = await packed(shop, people.staff)
    const stranger = await person(shop)
    const json = 'application/problem+json'
    expect(await code(await refusedUpgrade(shop, story))).toEqual([401, 'not_signed_in', json])
    expect(await code(await refusedUpgrade(shop, story, { authorization: `Bearer ${stranger.token}` }))).toEqual([404, 'not_found', json])
    expect(await code(await refusedUpgrade(shop, story, {}, '?token=made-up'))).toEqual([404, 'not_found', json])
    expect(
      await code(await refusedUpgrade(shop, story, { origin: 'https://evil.example', authorization: `Bearer ${people.staff.token}` })),
    ).toEqual([403, 'cross_site', json])
    expect(await code(await refusedUpgrade(shop, '999999', { authorization: `Bearer ${people.staff.token}` }))).toEqual([
      404,
      'not_found',
      json,
    ])
    expect(await code(await refusedUpgrade(shop, 'not-an-id', { authorization: `Bearer ${people.staff.token}` }))).toEqual([
      404,
      'not_found',
      json,
    ])
    expect(
      await code(
        await fetch(`${shop.origin}/ws/delivery/track/${story.id}`, { headers: { authorization: `Bearer ${people.staff.token}` } }),
      ),
    ).toEqual([426, 'upgrade_required', json])
    const other = await paidOrder(shop)
    expect(await code(await refusedUpgrade(shop, story, {}, `?token=${other.token}`))).toEqual([404, 'not_found', json])
  })

  test('the cookie of a browser opens it on our own pages and nowhere else', async () => {
    const shopper = await person(shop)
    const story = await packed(shop, people.staff, await paidOrder(shop, shopper))
    const cookie = `sid=${shopper.token}`
    const own = await track(shop, story, {}, { cookie, origin: shop.origin })
    await own.atLeast(1)
    await own.close()
    expect((await refusedUpgrade(shop, story, { cookie, origin: 'https://evil.example' })).status).toBe(403)
    expect((await refusedUpgrade(shop, story, { cookie, origin: 'null' })).status).toBe(403)
  })
})

describe('who sees the rider', () => {
  test('a shopper sees nothing before pick-up, staff and the vendor do', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'assigned')
    const [shopper, vendor, staff, rider] = await Promise.all([
      track(shop, story, { link: story.order.token }),
      track(shop, story, people.vendor),
      track(shop, story, people.staff),
      track(shop, story, people.rider),
    ])
    await Promise.all([shopper, vendor, staff, rider].map((socket) => socket.atLeast(1)))
    rider.send({ type: 'position', lat: -1.3, lng: 36.85 })
    expect(await vendor.find((frame) => frame['type'] === 'position_update')).toMatchObject({ status: 'assigned' })
    expect(await staff.find((frame) => frame['type'] === 'position_update')).toMatchObject({ status: 'assigned' })
    const late = await track(shop, story, { link: story.order.token })
    shopper.send({ type: 'ping' })
    await shopper.find((frame) => frame['type'] === 'pong')
    await late.atLeast(1)
    for (const socket of [shopper, late]) expect(socket.frames.some((frame) => frame.includes('position_update'))).toBe(false)
    await Promise.all([shopper, vendor, staff, rider, late].map((socket) => socket.close()))
  })

  test('nobody sees or sends anything after delivered, and every socket ends with 4008', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'en_route')
    const sockets = await Promise.all([
      track(shop, story, { link: story.order.token }),
      track(shop, story, people.rider),
      track(shop, story, people.staff),
    ])
    await Promise.all(sockets.map((socket) => socket.atLeast(1)))
    const answer = await people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code })
    expect(answer.status).toBe(200)
    expect((await Promise.all(sockets.map((socket) => socket.closed))).map(({ code: end }) => end)).toEqual([4008, 4008, 4008])
    const refused = await people.rider.post(`/api/v1/deliveries/${story.id}/positions`, { fixes: [{ lat: -1.3, lng: 36.8 }] })
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([409, 'delivery_state'])
    const late = await track(shop, story, { link: story.order.token })
    expect((await late.closed).code).toBe(4008)
    expect(late.frames.length).toBe(1)
    expect(late.frames[0]).toContain('"status":"delivered"')
  })

  test('a driver who is taken off, and one who signs out, are cut; the new one is let in', async () => {
    const [first, second] = await Promise.all([newRider(shop, { isOnDuty: false }), newRider(shop, { isOnDuty: false })])
    const story = await packed(shop, people.staff)
    await bring(story, first, 'assigned')
    const before = await track(shop, story, first)
    await before.atLeast(1)
    expect((await refusedUpgrade(shop, story, { authorization: `Bearer ${second.token}` })).status).toBe(404)
    await second.post('/api/v1/drivers/me/duty', { isOnDuty: true })
    expect((await people.staff.post(`/api/v1/deliveries/${story.id}/assign`, { driverId: second.accountId })).status).toBe(200)
    expect(await before.closed).toEqual({ code: 4003, reason: 'forbidden' })
    const after = await track(shop, story, second)
    await after.atLeast(1)
    await second.post('/api/v1/drivers/me/duty', { isOnDuty: false })
    expect((await second.post('/api/v1/auth/logout')).status).toBe(204)
    expect((await after.closed).code).toBe(4009)
  })
})
