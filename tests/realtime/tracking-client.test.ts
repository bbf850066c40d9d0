import { afterEach, expect, test } from 'bun:test'
import { planRide } from '../../src/cli/plan-ride.ts'
import { distanceM } from '../../src/lib/geo.ts'
import { OfflineQueue } from '../../src/web/enhance/offline-queue.ts'
import { smoother } from '../../src/web/enhance/smooth-position.ts'
import { type LinkState, trackDelivery, type TrackingClient } from '../../src/web/enhance/tracking-client.ts'

// A server that does what the test says: the client has to bear it.
const open: { stop(): void }[] = []
const clients: TrackingClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
  for (const server of open.splice(0)) server.stop()
})

interface FakeServer {
  readonly url: string
  readonly heard: string[]
  readonly queries: string[]
  opened: number
}

interface Heard {
  readonly t: string
  readonly n?: number
  readonly id?: string
  readonly f?: readonly (readonly number[])[]
}

const snap = (off: number, more: object = {}): string =>
  JSON.stringify({ t: 'snap', ch: 'd:x', off, rec: false, st: { state: 'en_route' }, pos: null, eta: null, evs: [], ...more })
const event = (o: number, st: string): object => ({
  o,
  k: st,
  st,
  at: '2026-11-24T09:00:00.000Z',
  assignedAt: null,
  pickedUpAt: null,
  deliveredAt: null,
})
const acknowledge = (socket: Bun.ServerWebSocket<undefined>, { t, n, id, f }: Heard): void => {
  if (t === 'st') socket.send(JSON.stringify({ t: 'ack', id }))
  if (t === 'pos' || t === 'posb') socket.send(JSON.stringify({ t: 'ack', n: n ?? Math.max(...(f ?? []).map(([number = 0]) => number)) }))
}

function serve(
  onOpen: (socket: Bun.ServerWebSocket<undefined>, opened: number) => void,
  answer: (socket: Bun.ServerWebSocket<undefined>, heard: Heard) => void = acknowledge,
): FakeServer {
  const fake: FakeServer = { url: '', heard: [], queries: [], opened: 0 }
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request, self) {
      fake.queries.push(new URL(request.url).search)
      return self.upgrade(request) ? undefined : new Response('', { status: 403 })
    },
    websocket: {
      open: (socket: Bun.ServerWebSocket<undefined>) => {
        fake.opened += 1
        onOpen(socket, fake.opened)
      },
      message(socket, message) {
        fake.heard.push(String(message))
        answer(socket, JSON.parse(String(message)) as Heard)
      },
    },
  })
  open.push({ stop: () => void server.stop(true) })
  return Object.assign(fake, { url: `ws://127.0.0.1:${server.port}/` })
}

const connect = (url: string, until: (state: LinkState, code: number) => boolean): Promise<LinkState[]> =>
  new Promise((resolve) => {
    const states: LinkState[] = []
    clients.push(
      trackDelivery({
        url,
        random: () => 0,
        link(state, code) {
          states.push(state)
          if (until(state, code)) resolve(states)
        },
      }),
    )
  })

test('a restarting server is found again, an end is an end', async () => {
  const server = serve((socket, opened) => socket.close(opened < 3 ? 1012 : 4008))
  expect(await connect(server.url, (state) => state === 'over')).toEqual(['live', 'waiting', 'live', 'waiting', 'live', 'over'])
  expect(server.opened).toBe(3)
})

test('three failures in a row mean: poll meanwhile', async () => {
  expect(await connect('ws://127.0.0.1:1/', (state) => state === 'down')).toEqual(['waiting', 'waiting', 'down'])
})

test('of places without a time only the newest is sent once the channel is there; an action is never lost', async () => {
  const server = serve((socket) => socket.send(snap(1)))
  const client = trackDelivery({ url: server.url })
  clients.push(client)
  client.sendPosition({ lat: 1, lng: 2 })
  client.sendPosition({ lat: 3, lng: 4, acc: 5 })
  client.sendStatus('picked_up')
  while (client.unsent() > 0 || server.heard.length < 2) await Bun.sleep(1)
  const heard = server.heard.map((text) => JSON.parse(text) as Record<string, unknown>)
  expect(heard).toEqual([
    { t: 'pos', sid: expect.any(String), n: 0, lat: 3, lng: 4, acc: 5 },
    { t: 'st', id: expect.any(String), to: 'picked_up', at: expect.any(Number) },
  ])
})

test('fixes and actions made without signal come in their order, in batches, and what was not acknowledged comes again', async () => {
  let isDeaf = true
  const server = serve(
    (socket) => socket.send(snap(1)),
    (socket, heard) => {
      // The first acknowledgement is lost with the line.
      if (isDeaf && heard.t === 'posb') {
        isDeaf = false
        socket.close(1012)
      } else acknowledge(socket, heard)
    },
  )
  const client = trackDelivery({ url: server.url, random: () => 0 })
  clients.push(client)
  for (let n = 0; n < 120; n++) client.sendPosition({ lat: n, lng: 1, ts: 1_000 + n })
  client.sendStatus('arriving')
  client.sendPosition({ lat: 200, lng: 1, ts: 9_000 })
  while (client.unsent() > 0) await Bun.sleep(1)
  const heard = server.heard.map((text) => JSON.parse(text) as Heard)
  expect(heard.map(({ t, f, n }) => [t, f?.length ?? n])).toEqual([
    ['posb', 50],
    ['posb', 50],
    ['posb', 50],
    ['posb', 20],
    ['st', undefined],
    ['pos', 121],
  ])
  expect(heard.slice(1, 4).flatMap(({ f }) => (f ?? []).map(([n]) => n))).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
})

test('comes back with the last event it has heard, tells each once, and says when too much was missed', async () => {
  const server = serve((socket, opened) => {
    if (opened === 1) {
      socket.send(snap(3))
      socket.send(JSON.stringify({ t: 'evt', ch: 'd:x', ...event(4, 'en_route') }))
      socket.send(JSON.stringify({ t: 'pos', ch: 'd:x', s: 10, lat: 1, lng: 1, ts: 10 }))
      socket.send(JSON.stringify({ t: 'pos', ch: 'd:x', s: 9, lat: 9, lng: 9, ts: 9 }))
      socket.send(JSON.stringify({ t: 'bye', c: 1012, retry: 1 }))
      socket.close(1012)
    } else if (opened === 2) {
      socket.send(snap(6, { rec: true, evs: [event(4, 'en_route'), event(5, 'arriving'), event(6, 'failed')] }))
      socket.close(1012)
    } else {
      socket.send(snap(400))
      socket.close(4008)
    }
  })
  const told: unknown[] = []
  await new Promise<void>((resolve) =>
    clients.push(
      trackDelivery({
        url: server.url,
        random: () => 0,
        event: ({ o, status }) => told.push([o, status]),
        position: ({ lat }) => told.push(lat),
        missed: () => told.push('missed'),
        link: (state) => state === 'over' && resolve(),
      }),
    ),
  )
  expect(told).toEqual([[4, 'en_route'], 1, [5, 'arriving'], [6, 'failed'], 'missed'])
  expect(server.queries).toEqual(['', '?off=4', '?off=6'])
})

test('a full queue is thinned from its older half and keeps every action', () => {
  const queue = new OfflineQueue()
  for (let n = 0; n < 2_000; n++) queue.add({ fix: [queue.number(), n, 0, 0, null, null, null] })
  queue.add({ step: { id: 'a', to: 'arriving', at: 1 } })
  expect(queue.length).toBe(1_501)
  for (let head = queue.head(); head !== undefined && 'fixes' in head; head = queue.head()) {
    expect(head.fixes.length).toBeLessThanOrEqual(50)
    queue.drop({ upTo: head.fixes.at(-1)?.[0] ?? 0 })
  }
  expect(queue.head()).toEqual({ step: { id: 'a', to: 'arriving', at: 1 } })
})

test('a dot that trembles is drawn calmly, one that rides is followed, one that reappears elsewhere is there', () => {
  const draw = smoother()
  const metres = 1 / 111_195
  // A phone on a table, exact to 20 m: its fixes lie within 12 m of it.
  const wobble = [0, 12, -9, 7, -12, 10, -6, 11, -11, 4]
  const drawn = wobble.map((off, index) => draw({ lat: off * metres, lng: 36.8, acc: 20, ts: index * 5_000 }).lat / metres)
  const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values)
  expect(spread(drawn.slice(2))).toBeLessThan(spread(wobble.slice(2)) * 0.7)
  // Sixteen metres a second: never more than a few metres behind.
  let at = 4
  for (let index = 10; index < 20; index++) {
    at += 80
    const { lat } = draw({ lat: at * metres, lng: 36.8, acc: 20, ts: index * 5_000 })
    expect(at - lat / metres).toBeLessThan(8)
  }
  // Out of a tunnel, a kilometre on.
  expect(draw({ lat: (at + 1_000) * metres, lng: 36.8, acc: 30, ts: 200_000 }).lat).toBe((at + 1_000) * metres)
})

test('a ride goes evenly along the streets we know and ends at the door', () => {
  const [store, yaya] = [
    { lat: -1.30861, lng: 36.86553 },
    { lat: -1.29282, lng: 36.78771 },
  ]
  const stops = planRide(store, yaya, 20)
  expect(stops.length).toBe(20)
  expect(distanceM(stops.at(-1) ?? store, yaya)).toBeLessThan(1)
  expect(stops.some(({ street }) => street === 'Uhuru Highway')).toBe(true)
  const steps = stops.slice(1).map((stop, index) => distanceM(stops[index] ?? stop, stop))
  // Corners cut the straight line between two fixes short; it is never longer than the way.
  expect(Math.max(...steps)).toBeLessThan(600)
  expect(planRide(store, { lat: -0.3, lng: 36.08 }, 2)[0]?.street).toBe('the door')
})
