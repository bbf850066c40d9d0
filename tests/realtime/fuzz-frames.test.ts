import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { person } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket, type SocketProbe } from '../support/socket-probe.ts'
import { bring, type Crew, crew, packed, type Story } from '../delivery/delivery-story.ts'

/**
 * Thousands of kinds of frames nobody should send, over real sockets of every dialect, from the rider who may say most. After each
 * the socket either answers as documented or is closed with a documented code; the process answers everybody else, and nothing of
 * the delivery has changed.
 */
const kinds = 3_400
let shop: TestShop
let clock: FakeClock
let people: Crew
let story: Story
const surprises: unknown[] = []
const note = (error: unknown): void => void surprises.push(error)

beforeAll(async () => {
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  clock = fakeClock()
  shop = await openShop({ overrides: { clock }, environment: { SOCKETS_PER_USER: '1000', SOCKETS_PER_ADDRESS: '100000' } })
  shop.context.outbox.start()
  people = await crew(shop)
  story = await packed(shop, people.staff)
  await bring(story, people.rider, 'en_route')
})
afterAll(async () => {
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
  await shop.close()
})

const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '{',
    '[]',
    'null',
    'true',
    '12',
    '"x"',
    '\u0000',
    '{"t":',
    '{"t":"pos"',
    '[['.repeat(3_000),
    '{"a":'.repeat(2_000),
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.json({ maxDepth: 6 }),
)
const oddValue = fc.oneof(
  fc.constantFrom(
    null,
    true,
    '',
    -0,
    1e308,
    -1,
    0.5,
    9_007_199_254_740_991,
    '1e999',
    'NaN',
    [],
    {},
    [[]],
    { toString: 1 },
    '__proto__',
    "'; drop table deliveries; --",
    '😀'.repeat(200),
    '\u0000',
    '00000000-0000-0000-0000-000000000000',
    'd:00000000-0000-0000-0000-000000000000',
    'd:999999999999999',
  ),
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 80 }),
  fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.constant(null)), { maxLength: 70 }),
)
const words = {
  t: fc.oneof(
    fc.constantFrom('pos', 'posb', 'st', 'sub', 'unsub', 'ping', 'pong', 'read', 'hi', 'evt', '__proto__', 'constructor'),
    oddValue,
  ),
  type: fc.oneof(fc.constantFrom('position_update', 'update', 'position', 'status', 'ping', 'toString'), oddValue),
  op: oddValue,
  id: oddValue,
  ch: oddValue,
  d: oddValue,
  sid: oddValue,
  n: oddValue,
  o: oddValue,
  off: oddValue,
  f: fc.oneof(oddValue, fc.array(fc.array(oddValue, { maxLength: 8 }), { maxLength: 70 })),
  lat: fc.oneof(oddValue, fc.double({ min: -100, max: 100 })),
  lng: fc.oneof(oddValue, fc.double({ min: -200, max: 200 })),
  acc: oddValue,
  spd: oddValue,
  brg: oddValue,
  ts: oddValue,
  bat: oddValue,
  to: fc.oneof(fc.constantFrom('flying', 'pending', 'cancelled', 'toString'), oddValue),
  at: oddValue,
  status: fc.oneof(fc.constantFrom('flying', 'pending', 'cancelled', '__proto__'), oddValue),
  proof: oddValue,
  code: oddValue,
  reason: oddValue,
}
// Fewer words are likelier to be taken for something.
const oddFrame = fc
  .record(words, { requiredKeys: [] })
  .chain((frame) =>
    fc
      .subarray(Object.keys(frame), { maxLength: 7 })
      .map((names) => Object.fromEntries(names.map((name) => [name, frame[name as keyof typeof frame]]))),
  )
  .map((frame) => {
    try {
      return JSON.stringify(frame)
    } catch {
      // A BigInt or a circle cannot be sent.
      return '{}'
    }
  })
const oddBytes = fc.uint8Array({ maxLength: 300 })

/** A frame, and which of the dialects it is sent in. */
const attack = fc.tuple(
  fc.constantFrom('old', 'v1', 'notify'),
  fc.oneof({ weight: 2, arbitrary: oddText }, { weight: 6, arbitrary: oddFrame }, { weight: 1, arbitrary: oddBytes }),
)

const documentedCloses = new Set([1009, 1006, 4003, 4008, 4102, 4103])
type Dialect = 'old' | 'v1' | 'notify'

async function connect(dialect: Dialect): Promise<SocketProbe> {
  const headers = { authorization: `Bearer ${people.rider.token}` }
  if (dialect === 'notify') return openSocket(`${shop.origin}/ws/notifications`, { ...headers, 'sec-websocket-protocol': 'notify.v1' })
  return openSocket(
    `${shop.origin}/ws/delivery/track/${story.id}`,
    dialect === 'v1' ? { ...headers, 'sec-websocket-protocol': 'track.v1' } : headers,
  )
}

test('no frame is a surprise', async () => {
  const samples = fc.sample(attack, { numRuns: kinds, seed: Number(process.env['SEED'] ?? Date.now() % 1_000_000) })
  const sockets = new Map<Dialect, SocketProbe>()
  const answers = new Map<string, number>()
  let sent = 0
  let reconnects = 0
  for (const [dialect, frame] of samples) {
    let socket = sockets.get(dialect)
    if (socket === undefined) {
      socket = await connect(dialect)
      await socket.atLeast(1)
      sockets.set(dialect, socket)
    }
    // Enough time for the bucket, so that each frame is read and not refused unread.
    clock.advance(1_000)
    const before = socket.frames.length
    socket.socket.send(frame)
    socket.send(dialect === 'old' ? '{"type":"ping"}' : '{"t":"ping","x":"fuzz"}')
    const isPong = (text: string): boolean => text.includes('"pong"')
    const outcome = await Promise.race([
      socket.closed.then(({ code }) => code),
      (async () => {
        while (!socket.frames.slice(before).some(isPong)) await socket.atLeast(socket.frames.length + 1)
        return 'alive' as const
      })().catch(() => 'closed' as const),
    ])
    sent += 1
    if (outcome === 'alive') {
      for (const text of socket.frames.slice(before)) {
        const answer = JSON.parse(text) as { t?: string; type?: string; c?: string; error?: string }
        const name = `${answer.t ?? answer.type} ${answer.c ?? answer.error ?? ''}`.trim()
        answers.set(name, (answers.get(name) ?? 0) + 1)
        expect(['internal', 'unavailable']).not.toContain(answer.c ?? answer.error ?? '')
      }
    } else {
      const { code } = await socket.closed
      expect(documentedCloses.has(code), `${code} after ${String(frame).slice(0, 200)}`).toBe(true)
      sockets.delete(dialect)
      reconnects += 1
    }
  }
  process.stdout.write(`${sent} kinds of frames, ${reconnects} closes, answers ${JSON.stringify(Object.fromEntries(answers))}\n`)
  expect(sent).toBeGreaterThanOrEqual(3_000)
  expect(surprises).toEqual([])
  // The shop is well, and the delivery is where it was.
  expect((await shop.fetch('/healthz')).status).toBe(200)
  const [row] = await shop.database.sql`select state, event_count from deliveries where id = ${story.id}`
  expect(row?.['state']).toBe('en_route')
  for (const socket of sockets.values()) await socket.close()
}, 240_000)

test('a flood is cut with 4102 and costs nobody else anything', async () => {
  const other = await connect('v1')
  await other.atLeast(2)
  for (const dialect of ['old', 'v1', 'notify'] as const) {
    const flooder = await connect(dialect)
    await flooder.atLeast(1)
    for (let index = 0; index < 10_000 && flooder.socket.readyState === WebSocket.OPEN; index++)
      flooder.send(dialect === 'old' ? { type: 'position_update', lat: -1.3, lng: 36.8 } : { t: 'pos', n: index, lat: -1.3, lng: 36.8 })
    expect((await flooder.closed).code).toBe(4102)
  }
  other.send({ t: 'ping', x: 'still here' })
  expect(await other.find((frame) => frame['x'] === 'still here')).toBeDefined()
  await other.close()
})

test('odd ways in are refused before the upgrade, and never with a 5xx', async () => {
  const stranger = await person(shop)
  const upgrade = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const paths = ['0', '-1', '1e3', '%00', '../../etc', "'", '9'.repeat(36), '00000000-0000-0000-0000-000000000000', 'null', '%F0%9F%98%80']
  const queries = [
    '',
    '?token=',
    '?token=%00',
    '?ticket=x',
    `?ticket=${'x'.repeat(64)}`,
    '?off=-1',
    '?off=1e99',
    '?off=x',
    `?token=${'t'.repeat(65)}`,
    '?off=2147483648',
  ]
  for (const path of paths) {
    for (const query of queries) {
      const answer = await fetch(`${shop.origin}/ws/delivery/track/${path}${query}`, {
        headers: { ...upgrade, authorization: `Bearer ${stranger.token}` },
      })
      expect([path, query, answer.status >= 400 && answer.status < 500]).toEqual([path, query, true])
      await answer.arrayBuffer()
    }
  }
  for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', `${shop.origin}.evil.example`, 'file://']) {
    for (const path of [`/ws/delivery/track/${story.id}`, '/ws/notifications']) {
      const answer = await fetch(`${shop.origin}${path}`, { headers: { ...upgrade, origin, cookie: `sid=${people.rider.token}` } })
      expect([origin, answer.status]).toEqual([origin, 403])
    }
  }
})
