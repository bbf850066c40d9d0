import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, packed, type Story } from './delivery-story.ts'

/**
 * The predecessor's pages, as they were: what their scripts send and when, and what they do with what they hear. Each is written
 * here after its own rules, so that nothing of ours helps it along.
 */
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

interface Page {
  readonly socket: WebSocket
  readonly raw: string[]
  readonly opened: Promise<void>
  readonly closed: Promise<number>
  hears(fits: (text: string) => boolean): Promise<void>
}

/** `new WebSocket(wsUrl)` of a page: no subprotocol, the cookie of the visitor, the Origin of the page, a slash at the end. */
function page(path: string, token: string | undefined): Page {
  const raw: string[] = []
  const looks = new Set<() => void>()
  const socket = new WebSocket(`${shop.origin.replace('http', 'ws')}${path}`, {
    headers: { cookie: `sid=${token}`, origin: shop.origin },
  } as unknown as string[])
  const opened = new Promise<void>((resolve) => (socket.onopen = () => resolve()))
  const closed = new Promise<number>((resolve) => (socket.onclose = ({ code }) => resolve(code)))
  socket.onmessage = ({ data }) => {
    raw.push(String(data))
    for (const look of looks) look()
  }
  return {
    socket,
    raw,
    opened,
    closed,
    hears: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (raw.some(fits)) resolve()
        }
        looks.add(look)
        look()
      }),
  }
}

const ride = async (): Promise<Story> => {
  const story = await packed(shop, people.staff)
  await bring(story, people.rider, 'picked_up')
  return story
}
const at = () => clock.now().toISOString()

describe('tracking-route.js on the shopper’s page, driver.js on the rider’s', () => {
  test('work together, byte for byte, by the delivery’s number', async () => {
    const story = await packed(shop, people.staff)
    const path = `/ws/delivery/track/${story.number}/`
    const shopperPage = page(path, people.staff.token)
    await shopperPage.opened
    const assignedAt = at()
    await bring(story, people.rider, 'assigned')
    const riderPage = page(path, people.rider.token)
    await riderPage.opened
    await riderPage.hears((text) => text.includes('"status_update"'))

    // markPickedUp: over HTTP, and then a hint over the socket; what is so already is no mistake.
    await people.rider.post(`/api/v1/deliveries/${story.number}/pickup`)
    riderPage.socket.send(JSON.stringify({ type: 'status', status: 'picked_up' }))
    await shopperPage.hears((text) => text === '{"type":"status","status":"picked_up"}')
    const pickedAt = at()

    // _sendPing: every eight seconds, when it has moved 25 m.
    riderPage.socket.send(JSON.stringify({ type: 'position_update', lat: -1.286389, lng: 36.817223 }))
    await shopperPage.hears((text) => text.includes('"position_update"'))
    const first = clock.now().getTime()
    clock.advance(8_000)
    riderPage.socket.send(JSON.stringify({ type: 'position_update', lat: -1.2868, lng: 36.8179 }))
    await shopperPage.hears((text) => text.includes('-1.2868'))
    const second = clock.now().getTime()
    await people.rider.post(`/api/v1/deliveries/${story.number}/arrive`)
    await people.rider.post(`/api/v1/deliveries/${story.number}/deliver`, { code: story.code })
    const deliveredAt = at()
    expect(await shopperPage.closed).toBe(4008)

    const update = (status: string, assigned: string | null, picked: string | null, delivered: string | null) =>
      `{"type":"status_update","id":${story.number},"status":"${status}","assigned_at":${JSON.stringify(assigned)},"picked_up_at":${JSON.stringify(picked)},"delivered_at":${JSON.stringify(delivered)}}`
    const positions = [
      `{"type":"position_update","lat":-1.286389,"lng":36.817223,"status":"en_route","ts":${first}}`,
      `{"type":"position_update","lat":-1.2868,"lng":36.8179,"status":"en_route","ts":${second}}`,
    ]
    expect(shopperPage.raw.filter((text) => text.includes('position_update'))).toEqual(positions)
    expect(shopperPage.raw.filter((text) => !text.includes('position_update'))).toEqual([
      update('pending', null, null, null),
      '{"type":"status","status":"assigned"}',
      update('assigned', assignedAt, null, null),
      '{"type":"status","status":"picked_up"}',
      update('picked_up', assignedAt, pickedAt, null),
      // The first saved position starts the ride.
      '{"type":"status","status":"en_route"}',
      update('en_route', assignedAt, pickedAt, null),
      '{"type":"status","status":"arriving"}',
      update('arriving', assignedAt, pickedAt, null),
      '{"type":"status","status":"delivered"}',
      update('delivered', assignedAt, pickedAt, deliveredAt),
    ])
    // The rider hears the same, and no error for the hint.
    expect(riderPage.raw.filter((text) => text.includes('"error"'))).toEqual([])
    expect(riderPage.raw.filter((text) => text.includes('position_update'))).toEqual(positions)
  })

  test('the outbox of ten minutes without signal goes out in one burst, the newest throttle is kept, and nobody is cut', async () => {
    const story = await ride()
    const riderPage = page(`/ws/delivery/track/${story.id}/`, people.rider.token)
    await riderPage.opened
    await riderPage.hears((text) => text.includes('"status_update"'))
    // while (this.outbox.length) this.ws.send(...): seventy-five packets without times.
    for (let index = 0; index < 75; index++)
      riderPage.socket.send(JSON.stringify({ type: 'position_update', lat: -1.28 - index * 0.0005, lng: 36.8 }))
    await riderPage.hears((text) => text.includes('"position_update"'))
    clock.advance(8_000)
    riderPage.socket.send(JSON.stringify({ type: 'position_update', lat: -1.29, lng: 36.8 }))
    await riderPage.hears((text) => text.includes('-1.29,'))
    expect(
      riderPage.raw.filter((text) => text.includes('"position_update"')).map((text) => (JSON.parse(text) as { lat: number }).lat),
    ).toEqual([-1.28, -1.29])
    expect(riderPage.raw.filter((text) => text.includes('"error"'))).toEqual([])
    riderPage.socket.close()
  })
})

describe('driver-live.js', () => {
  test('sends its own op with a status that never was one and the phone’s time, and simulates hops no motorbike makes', async () => {
    const story = await ride()
    const riderPage = page(`/ws/delivery/track/${story.number}/`, people.rider.token)
    await riderPage.opened
    await riderPage.hears((text) => text.includes('"status_update"'))
    const send = (lat: number, lng: number, status: string) =>
      riderPage.socket.send(JSON.stringify({ op: 'update', lat, lng, status, ts: clock.now().getTime() }))
    send(-1.286389, 36.817223, 'in_transit')
    await riderPage.hears((text) => text.includes('-1.286389'))
    for (const [dLat, dLng] of [
      [0.002, 0.006],
      [0.004, 0.012],
      [0.006, 0.017],
    ] as const) {
      clock.advance(5_000)
      const lat = Number((-1.286389 + dLat).toFixed(6))
      send(lat, Number((36.817223 + dLng).toFixed(6)), 'demo')
      await riderPage.hears((text) => text.includes(`"lat":${lat},`))
    }
    riderPage.socket.send(JSON.stringify({ op: 'ping' }))
    await riderPage.hears((text) => text === '{"type":"pong"}')
    expect(riderPage.raw.filter((text) => text.includes('"error"'))).toEqual([])
    riderPage.socket.close()
  })
})

test('base_init.js opens two sockets for notices on every page and gets a greeting on each', async () => {
  const pages = [page('/ws/notifications/', people.rider.token), page('/ws/notifications/', people.rider.token)]
  for (const each of pages) await each.hears((text) => text === `{"type":"ws.hello","user":"${people.rider.accountId}"}`)
  for (const each of pages) each.socket.close()
})
