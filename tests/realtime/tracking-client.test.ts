import { afterEach, expect, test } from 'bun:test'
import { planRide } from '../../src/cli/plan-ride.ts'
import { distanceM } from '../../src/lib/geo.ts'
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
  opened: number
}

function serve(onOpen: (socket: Bun.ServerWebSocket<undefined>, opened: number) => void): FakeServer {
  const fake: FakeServer = { url: '', heard: [], opened: 0 }
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('', { status: 403 })),
    websocket: {
      open: (socket: Bun.ServerWebSocket<undefined>) => {
        fake.opened += 1
        onOpen(socket, fake.opened)
      },
      message: (_, message) => void fake.heard.push(String(message)),
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

test('of the positions made without a channel only the newest is sent', async () => {
  const arrived = Promise.withResolvers<void>()
  const server = serve((socket) => socket.send('{"type":"pong"}'))
  const client = trackDelivery({ url: server.url, link: (state) => state === 'live' && arrived.resolve() })
  clients.push(client)
  client.sendPosition({ lat: 1, lng: 2 })
  client.sendPosition({ lat: 3, lng: 4, acc: 5 })
  await arrived.promise
  client.sendStatus('picked_up')
  while (server.heard.length < 2) await Bun.sleep(1)
  expect(server.heard).toEqual(['{"type":"position_update","lat":3,"lng":4,"acc":5}', '{"type":"status","status":"picked_up"}'])
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
