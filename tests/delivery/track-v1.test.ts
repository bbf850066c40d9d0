import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { person } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket, type SocketProbe } from '../support/socket-probe.ts'
import { bring, type Crew, crew, newRider, packed, paidOrder, refusedUpgrade, type Story } from './delivery-story.ts'

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

const v1 = { 'sec-websocket-protocol': 'track.v1' }
const bearer = (of: { token?: string | undefined }) => ({ authorization: `Bearer ${of.token}` })
const open = (story: Story, headers: Record<string, string>, query = ''): Promise<SocketProbe> =>
  openSocket(`${shop.origin}/ws/delivery/track/${story.id}${query}`, { ...v1, ...headers })
const asShopper = (story: Story, query = ''): Promise<SocketProbe> => open(story, {}, `?token=${story.order.token}${query}`)
const asRider = (story: Story, rider: { token?: string | undefined } = people.rider): Promise<SocketProbe> => open(story, bearer(rider))
const kind = (t: string) => (frame: Record<string, unknown>) => frame['t'] === t
const riding = async (rider = people.rider): Promise<Story> => {
  const story = await packed(shop, people.staff)
  await bring(story, rider, 'en_route')
  return story
}
const at = (ms = 0): number => clock.now().getTime() + ms
const trail = async (story: Story): Promise<{ lat: number; at: number }[]> =>
  (
    await shop.database.sql<{ lat: number; fixed_at: string }[]>`
      select lat, fixed_at from delivery_positions where delivery_id = ${story.id} order by fixed_at`
  ).map(({ lat, fixed_at }) => ({ lat, at: new Date(fixed_at).getTime() }))
const north = (metres: number): number => Number((-1.3 + metres / 111_195).toFixed(6))

describe('a socket that asks for track.v1', () => {
  test('is greeted, told the present, and then what happens, each event with the next number', async () => {
    const story = await packed(shop, people.staff)
    const socket = await asShopper(story)
    const [hi, snap] = (await socket.atLeast(2)).map((frame) => JSON.parse(frame) as Record<string, unknown>)
    expect(socket.socket.protocol).toBe('track.v1')
    expect(hi).toMatchObject({ t: 'hi', v: 1, hb: 25, now: at() })
    expect(snap).toMatchObject({ t: 'snap', ch: `d:${story.id}`, off: 1, rec: false, pos: null, eta: null, evs: [] })
    expect(snap?.['st']).toMatchObject({ number: story.number, state: 'pending', role: 'link', deliveredAt: null })
    await bring(story, people.rider, 'en_route')
    await socket.find((frame) => frame['o'] === 4)
    const events = socket.frames.slice(2).map((frame) => JSON.parse(frame) as Record<string, unknown>)
    expect(events.map(({ t, o, k, st }) => [t, o, k, st])).toEqual([
      ['evt', 2, 'assigned', 'assigned'],
      ['evt', 3, 'picked_up', 'picked_up'],
      ['evt', 4, 'en_route', 'en_route'],
    ])
    await socket.close()
  })

  test('acknowledges positions, shows shoppers four places and insiders six, with a number that grows', async () => {
    const story = await riding()
    const [shopper, vendor, rider] = await Promise.all([asShopper(story), open(story, bearer(people.vendor)), asRider(story)])
    await Promise.all([shopper, vendor, rider].map((socket) => socket.find(kind('snap'))))
    rider.send({ t: 'pos', sid: 'a', n: 7, lat: -1.2833333, lng: 36.8166666, acc: 12, spd: 5, brg: 90, ts: at() })
    expect(await rider.find(kind('ack'))).toEqual({ t: 'ack', n: 7 })
    expect(await shopper.find(kind('pos'))).toEqual({
      t: 'pos',
      ch: `d:${story.id}`,
      s: at(),
      lat: -1.2833,
      lng: 36.8167,
      acc: 12,
      spd: 5,
      brg: 90,
      ts: at(),
      eta: { from: expect.any(String), to: expect.any(String) },
    })
    expect(await vendor.find(kind('pos'))).toMatchObject({ lat: -1.283333, lng: 36.816667 })
    const late = await asShopper(story)
    const snap = await late.find(kind('snap'))
    expect(snap).toMatchObject({ off: 4, pos: { lat: -1.2833, lng: 36.8167, s: at() } })
    expect(snap['eta']).not.toBeNull()
    await Promise.all([shopper, vendor, rider, late].map((socket) => socket.close()))
  })

  test('comes back with the number it has heard and is told the rest, in order', async () => {
    const story = await packed(shop, people.staff)
    const socket = await asShopper(story)
    await socket.find(kind('snap'))
    await socket.close()
    await bring(story, people.rider, 'arriving')
    const back = await asShopper(story, '&off=1')
    const snap = await back.find(kind('snap'))
    expect(snap).toMatchObject({ off: 5, rec: true })
    expect((snap['evs'] as { o: number; st: string }[]).map(({ o, st }) => [o, st])).toEqual([
      [2, 'assigned'],
      [3, 'picked_up'],
      [4, 'en_route'],
      [5, 'arriving'],
    ])
    // A number from nowhere is not believed.
    const strange = await asShopper(story, '&off=99')
    expect(await strange.find(kind('snap'))).toMatchObject({ off: 5, rec: false, evs: [] })
    await Promise.all([back.close(), strange.close()])
  })

  test('watches more deliveries on one socket, and stops watching them', async () => {
    const [one, other] = [await riding(), await packed(shop, people.staff)]
    const foreign = await packed(shop, people.staff)
    const board = await open(one, bearer(people.staff))
    await board.find(kind('snap'))
    board.send({ t: 'sub', id: 's1', ch: `d:${other.number}`, off: 0 })
    const snap = await board.find((frame) => frame['t'] === 'snap' && frame['id'] === 's1')
    expect(snap).toMatchObject({ ch: `d:${other.id}`, off: 1, rec: true })
    expect((snap['evs'] as { k: string }[]).map(({ k }) => k)).toEqual(['created'])
    await bring(other, people.rider, 'assigned')
    expect(await board.find((frame) => frame['t'] === 'evt' && frame['ch'] === `d:${other.id}`)).toMatchObject({ o: 2 })
    board.send({ t: 'unsub', ch: `d:${other.id}` })
    expect(await board.find(kind('end'))).toEqual({ t: 'end', ch: `d:${other.id}`, why: 'unsubscribed' })
    const shopper = await asShopper(one)
    await shopper.find(kind('snap'))
    shopper.send({ t: 'sub', id: 'no', ch: `d:${foreign.id}` })
    expect(await shopper.find(kind('err'))).toMatchObject({ id: 'no', c: 'not_allowed' })
    shopper.send({ t: 'sub', id: 'none', ch: 'd:999999999' })
    expect(await shopper.find((frame) => frame['id'] === 'none')).toMatchObject({ c: 'not_found' })
    await Promise.all([board.close(), shopper.close()])
  })

  test('an unknown subprotocol is refused before the upgrade, and ours is found in a list', async () => {
    const story = await packed(shop, people.staff)
    expect((await refusedUpgrade(shop, story, { 'sec-websocket-protocol': 'graphql-ws' }, `?token=${story.order.token}`)).status).toBe(400)
    const socket = await openSocket(`${shop.origin}/ws/delivery/track/${story.id}?token=${story.order.token}`, {
      'sec-websocket-protocol': 'other.v9, track.v1',
    })
    await socket.find(kind('hi'))
    expect(socket.socket.protocol).toBe('track.v1')
    await socket.close()
  })

  test('says why it is let go', async () => {
    const story = await riding()
    const [shopper, rider] = await Promise.all([asShopper(story), asRider(story)])
    await Promise.all([shopper.find(kind('snap')), rider.find(kind('snap'))])
    rider.send({ t: 'st', id: 'hand-over', to: 'delivered', proof: { code: story.code } })
    expect(await shopper.closed).toEqual({ code: 4008, reason: 'tracking ended' })
    expect(shopper.frames.slice(-3).map((frame) => JSON.parse(frame) as object)).toEqual([
      expect.objectContaining({ t: 'evt', k: 'delivered', o: 5 }),
      { t: 'end', ch: `d:${story.id}`, why: 'tracking ended' },
      { t: 'bye', c: 4008 },
    ])
    await rider.closed
    expect(rider.frames).toContain('{"t":"ack","id":"hand-over"}')
  })
})

describe('a driver', () => {
  test('who was offline for ten minutes returns with 200 points and three actions: each once, in order, late ones only in the trail', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'assigned')
    const watcher = await asShopper(story)
    await watcher.find(kind('snap'))
    const began = at(1_000)
    clock.advance(11 * 60_000)
    const points = Array.from({ length: 200 }, (_, n) => [n, began + n * 3_000, north(n * 33), 36.8, 10, 11, 0])
    const batches = Array.from({ length: 4 }, (_, index) => points.slice(index * 50, (index + 1) * 50))
    const play = async (): Promise<SocketProbe> => {
      const rider = await asRider(story)
      await rider.find(kind('snap'))
      rider.send({ t: 'st', id: 'action-1', to: 'picked_up', at: began })
      rider.send({ t: 'st', id: 'action-2', to: 'en_route', at: began + 5_000 })
      for (const [index, f] of batches.entries()) rider.send({ t: 'posb', sid: 'phone', f, id: index })
      rider.send({ t: 'st', id: 'action-3', to: 'arriving', at: began + 598_000 })
      await rider.find((frame) => frame['id'] === 'action-3')
      return rider
    }
    const first = await play()
    const acks = first.frames
      .map((frame) => JSON.parse(frame) as { t: string; n?: number; id?: string; bad?: unknown })
      .filter(({ t }) => t === 'ack')
    expect(acks.map(({ n, id, bad }) => [id ?? n, bad])).toEqual([
      ['action-1', undefined],
      ['action-2', undefined],
      [49, undefined],
      [99, undefined],
      [149, undefined],
      [199, undefined],
      ['action-3', undefined],
    ])
    // Every third is 9 s and 99 m after the one before.
    const saved = await trail(story)
    expect(saved).toEqual(points.filter((_, n) => n % 3 === 0).map(([, ts, lat]) => ({ lat: lat ?? 0, at: ts ?? 0 })))
    await first.close()

    // The acknowledgements were lost: the phone sends everything again, and nothing is there twice.
    clock.advance(6_000)
    const second = await play()
    expect((await trail(story)).length).toBe(saved.length)
    const events = await shop.database.sql<{ kind: string; occurred_at: string }[]>`
      select kind, occurred_at from delivery_events where delivery_id = ${story.id} order by seq`
    expect(events.map(({ kind: name }) => name)).toEqual(['created', 'assigned', 'picked_up', 'en_route', 'arriving'])
    expect(events.slice(2).map(({ occurred_at }) => new Date(occurred_at).getTime())).toEqual([began, began + 5_000, began + 598_000])
    // Watchers saw the rider where they are, never where they were.
    const shown = watcher.frames.map((frame) => JSON.parse(frame) as { t: string; ts: number; o: number })
    const told = shown.filter(({ t }) => t === 'pos').map(({ ts }) => ts)
    expect(told.every((ts, index) => ts > at(-6_000 - 600_000) && ts > (told[index - 1] ?? 0))).toBe(true)
    expect(shown.filter(({ t }) => t === 'evt').map(({ o }) => o)).toEqual([2, 3, 4, 5].slice(-3))
    await Promise.all([second.close(), watcher.close()])
  })

  test('whose way comes after the place they are at has it all in the trail, and is not moved back', async () => {
    const story = await riding()
    const [watcher, rider] = await Promise.all([asShopper(story), asRider(story)])
    await Promise.all([watcher.find(kind('snap')), rider.find(kind('snap'))])
    const began = at(10_000)
    clock.advance(120_000)
    rider.send({ t: 'pos', sid: 'a', n: 100, lat: north(2_000), lng: 36.8, ts: at() })
    await watcher.find(kind('pos'))
    rider.send({ t: 'posb', sid: 'a', f: Array.from({ length: 10 }, (_, n) => [n, began + n * 10_000, north(n * 100), 36.8, 8]) })
    await rider.find((frame) => frame['n'] === 9)
    expect((await trail(story)).map(({ lat }) => lat)).toEqual([...Array.from({ length: 10 }, (_, n) => north(n * 100)), north(2_000)])
    rider.send({ t: 'ping', x: 1 })
    await rider.find(kind('pong'))
    expect(watcher.frames.filter((frame) => frame.includes('"t":"pos"')).length).toBe(1)
    const [row] = await shop.database.sql`select last_lat from deliveries where id = ${story.id}`
    expect(row?.['last_lat']).toBe(north(2_000))
    await Promise.all([watcher.close(), rider.close()])
  })

  test('who sends nonsense, jumps or a bad fix hears which, and the dot stays', async () => {
    const story = await riding()
    const [watcher, rider] = await Promise.all([asShopper(story), asRider(story)])
    await Promise.all([watcher.find(kind('snap')), rider.find(kind('snap'))])
    rider.send({ t: 'pos', sid: 'a', n: 1, lat: north(0), lng: 36.8, acc: 10, ts: at() })
    await rider.find((frame) => frame['n'] === 1)
    const bad: [object, string][] = [
      [{ lat: 'x', lng: 36.8 }, 'invalid_payload'],
      [{ lat: 91, lng: 36.8 }, 'out_of_range'],
      [{ lat: 0, lng: 0 }, 'out_of_range'],
      [{ lat: 51.5, lng: -0.12 }, 'out_of_range'],
      [{ lat: north(10), lng: 36.8, acc: 101 }, 'inaccurate'],
      [{ lat: north(10), lng: 36.8, ts: at(3_600_000) }, 'from_the_future'],
    ]
    for (const [index, [fix, why]] of bad.entries()) {
      const n = 10 + index
      clock.advance(1_000)
      rider.send({ t: 'pos', sid: 'a', n, ts: at(), ...fix })
      expect(await rider.find((frame) => frame['n'] === n)).toEqual({ t: 'ack', n, bad: [[n, why]] })
    }
    clock.advance(5_000)
    // Five kilometres in eleven seconds; a rider who stands still; and one who rides on.
    rider.send({ t: 'pos', sid: 'a', n: 30, lat: north(5_000), lng: 36.8, acc: 10, ts: at() })
    expect(await rider.find((frame) => frame['n'] === 30)).toEqual({ t: 'ack', n: 30, bad: [[30, 'too_fast']] })
    clock.advance(5_000)
    rider.send({ t: 'pos', sid: 'a', n: 31, lat: north(2), lng: 36.8, acc: 10, ts: at() })
    await rider.find((frame) => frame['n'] === 31)
    expect(watcher.frames.filter((frame) => frame.includes('"t":"pos"')).length).toBe(1)
    clock.advance(10_000)
    rider.send({ t: 'pos', sid: 'a', n: 32, lat: north(300), lng: 36.8, acc: 10, ts: at() })
    expect(await watcher.find((frame) => frame['t'] === 'pos' && frame['ts'] === at())).toBeDefined()
    // Standing still for half a minute is told as a sign of life.
    clock.advance(30_000)
    rider.send({ t: 'pos', sid: 'a', n: 33, lat: north(300), lng: 36.8, acc: 10, ts: at() })
    expect(await watcher.find((frame) => frame['t'] === 'pos' && frame['ts'] === at())).toBeDefined()
    await Promise.all([watcher.close(), rider.close()])
  })

  test('is told how to send: seldom when nobody looks, often near the door', async () => {
    const story = await riding()
    const rider = await asRider(story)
    await rider.find(kind('snap'))
    const [row] = await shop.database.sql`select dest_lat, dest_lng from deliveries where id = ${story.id}`
    rider.send({ t: 'pos', sid: 'a', n: 1, lat: north(0), lng: 36.8, ts: at(), spd: 8 })
    expect(await rider.find(kind('cfg'))).toEqual({ t: 'cfg', d: story.id, ivl: 30_000, min: 100, acc: 50 })
    const watcher = await asShopper(story)
    await watcher.find(kind('snap'))
    clock.advance(90_000)
    rider.send({ t: 'pos', sid: 'a', n: 2, lat: Number(row?.['dest_lat']), lng: Number(row?.['dest_lng']), ts: at(), spd: 8 })
    expect(await rider.find((frame) => frame['t'] === 'cfg' && frame['ivl'] !== 30_000)).toMatchObject({ ivl: 2_000, min: 5, acc: 20 })
    clock.advance(30_000)
    rider.send({ t: 'pos', sid: 'a', n: 3, lat: Number(row?.['dest_lat']), lng: Number(row?.['dest_lng']), ts: at(), spd: 8, bat: 12 })
    expect(await rider.find((frame) => frame['t'] === 'cfg' && frame['ivl'] === 4_000)).toBeDefined()
    await Promise.all([rider.close(), watcher.close()])
  })

  test('of the wrong delivery, or a watcher, may not send', async () => {
    const story = await riding()
    const other = await newRider(shop, { isOnDuty: false })
    expect((await refusedUpgrade(shop, story, { ...v1, ...bearer(other) })).status).toBe(404)
    const watcher = await asShopper(story)
    await watcher.find(kind('snap'))
    watcher.send({ t: 'pos', sid: 'a', n: 4, lat: -1.3, lng: 36.8 })
    expect(await watcher.find(kind('err'))).toMatchObject({ n: 4, c: 'not_allowed' })
    watcher.send({ t: 'st', id: 'x', to: 'delivered' })
    expect(await watcher.find((frame) => frame['id'] === 'x')).toMatchObject({ c: 'not_allowed' })
    watcher.send({ t: 'dance', id: 'y' })
    expect(await watcher.find((frame) => frame['id'] === 'y')).toMatchObject({ t: 'err', c: 'unknown_frame' })
    watcher.send('{')
    expect(await watcher.find((frame) => frame['c'] === 'invalid_frame')).toBeDefined()
    await watcher.close()
  })
})

describe('tickets', () => {
  test('open one socket, once, within thirty seconds, for the delivery they name', async () => {
    const story = await packed(shop, people.staff)
    const make = async (body: object = {}): Promise<string> => {
      const answer = await people.staff.post('/api/v1/realtime/tickets', body)
      expect(answer.status).toBe(201)
      return ((await answer.json()) as { ticket: string }).ticket
    }
    const ticket = await make({ deliveryId: story.id })
    const socket = await open(story, {}, `?ticket=${ticket}`)
    expect(await socket.find(kind('snap'))).toMatchObject({ st: { role: 'staff' } })
    const again = await refusedUpgrade(shop, story, {}, `?ticket=${ticket}`)
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([401, 'ticket_invalid'])
    const other = await packed(shop, people.staff)
    const bound = await make({ deliveryId: story.id })
    expect((await refusedUpgrade(shop, other, {}, `?ticket=${bound}`)).status).toBe(401)
    expect((await refusedUpgrade(shop, story, {}, '?ticket=made-up')).status).toBe(401)
    const stolen = await refusedUpgrade(shop, story, { origin: 'https://evil.example' }, `?ticket=${await make()}`)
    expect(stolen.status).toBe(403)
    await socket.close()
  })

  test('are for whoever is signed in or holds a link, and for nobody else', async () => {
    const story = await packed(shop, people.staff)
    expect((await shop.post('/api/v1/realtime/tickets', {})).status).toBe(401)
    const answer = await shop.post('/api/v1/realtime/tickets', { token: story.order.token, deliveryId: story.id })
    const { ticket } = (await answer.json()) as { ticket: string }
    const socket = await open(story, {}, `?ticket=${ticket}`)
    expect(await socket.find(kind('snap'))).toMatchObject({ st: { role: 'link' } })
    await socket.close()
  })
})

describe('a shared link', () => {
  test('follows one delivery and nothing else, and ends when it is taken back', async () => {
    const story = await riding()
    const made = await shop.post(`/api/v1/deliveries/${story.id}/share`, { token: story.order.token })
    expect(made.status).toBe(201)
    const { id, token } = (await made.json()) as { id: string; token: string }
    const friend = await open(story, {}, `?token=${token}`)
    expect(await friend.find(kind('snap'))).toMatchObject({ st: { role: 'share', state: 'en_route' } })
    const other = await packed(shop, people.staff)
    expect((await refusedUpgrade(shop, other, {}, `?token=${token}`)).status).toBe(404)
    // It cannot be used to make another one, or to look at the order.
    expect((await shop.post(`/api/v1/deliveries/${story.id}/share`, { token })).status).toBe(403)
    expect((await shop.fetch(`/api/v1/orders/${story.order.number}?token=${token}`)).status).not.toBe(200)
    expect((await shop.fetch(`/api/v1/deliveries/${story.id}/share/${id}?token=${story.order.token}`, { method: 'DELETE' })).status).toBe(
      204,
    )
    expect(await friend.closed).toEqual({ code: 4003, reason: 'forbidden' })
    expect((await refusedUpgrade(shop, story, {}, `?token=${token}`)).status).toBe(404)
    const listed = (await (await people.staff.get(`/api/v1/deliveries/${story.id}/share`)).json()) as {
      items: { id: string; revokedAt: string }[]
    }
    expect(listed.items).toEqual([expect.objectContaining({ id, revokedAt: clock.now().toISOString() })])
    const stranger = await person(shop)
    expect((await stranger.post(`/api/v1/deliveries/${story.id}/share`, {})).status).toBe(404)
    expect((await people.rider.post(`/api/v1/deliveries/${story.id}/share`, {})).status).toBe(403)
  })
})

describe('the stream', () => {
  test('tells over HTTP what the socket tells, and goes on from the last event heard', async () => {
    const story = await packed(shop, people.staff)
    const read = async (lastEventId: string | undefined, until: string): Promise<string> => {
      const answer = await fetch(`${shop.origin}/api/v1/deliveries/${story.id}/stream?token=${story.order.token}`, {
        headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
      })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
      const decoder = new TextDecoder()
      let text = ''
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk)
        if (text.includes('event: snap') && !hasSnap) hasSnap = (opened.resolve(), true)
        if (text.includes(until)) break
      }
      return text
    }
    let hasSnap = false
    const opened = Promise.withResolvers<void>()
    const first = read(undefined, '"k":"picked_up"')
    await opened.promise
    await bring(story, people.rider, 'picked_up')
    const text = await first
    expect(text).toStartWith(`id: 1\nevent: snap\ndata: {"t":"snap","ch":"d:${story.id}","off":1,`)
    expect(text).toContain('id: 2\nevent: evt\ndata: {"t":"evt"')
    await bring(story, people.rider, 'delivered')
    const rest = await read('3', 'event: bye')
    expect(rest).toContain('"rec":true')
    expect(rest).toContain('"o":4,"k":"en_route"')
    expect(rest).toContain('"why":"tracking ended"')
    const sockets = shop.context.hub.describe().sockets
    expect(sockets).toBeLessThanOrEqual(1)
  })

  test('is for the same people', async () => {
    const story = await packed(shop, people.staff)
    const shopper = await person(shop)
    const own = await packed(shop, people.staff, await paidOrder(shop, shopper))
    expect((await shop.fetch(`/api/v1/deliveries/${story.id}/stream`)).status).toBe(401)
    expect((await shopper.get(`/api/v1/deliveries/${story.id}/stream`)).status).toBe(404)
    const answer = await shopper.get(`/api/v1/deliveries/${own.id}/stream`)
    expect(answer.status).toBe(200)
    await answer.body?.cancel()
  })
})

// Last, because the sessions of everybody above have ended by then.
test('a shared link is good for two hours after the delivery', async () => {
  const story = await riding()
  const made = await people.staff.post(`/api/v1/deliveries/${story.id}/share`, {})
  const { token } = (await made.json()) as { token: string }
  await bring(story, people.rider, 'delivered')
  const friend = await open(story, {}, `?token=${token}`)
  expect((await friend.closed).code).toBe(4008)
  clock.advance(2 * 3_600_000)
  expect((await refusedUpgrade(shop, story, {}, `?token=${token}`)).status).toBe(404)
})
