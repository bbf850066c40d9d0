import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { newRider, packed, paidOrder } from '../delivery/delivery-story.ts'
import { person } from '../support/actors.ts'
import { createRandom, type Random, seedOfRun } from '../support/random.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { badTexts } from './bad-values.ts'

let shop: TestShop
let socketPath = ''
let riderToken = ''
const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

beforeAll(async () => {
  process.on('unhandledRejection', note)
  shop = await openShop()
  const staff = await person(shop, { roles: ['support'] })
  const story = await packed(shop, staff, await paidOrder(shop))
  const rider = await newRider(shop)
  await rider.post(`/api/v1/deliveries/${story.id}/accept`)
  socketPath = `/ws/delivery/track/${story.id}`
  riderToken = rider.token ?? ''
}, 60_000)
afterAll(async () => {
  process.off('unhandledRejection', note)
  await shop.close()
})

const isAlive = async (): Promise<boolean> => (await fetch(`${shop.origin}/healthz`)).status === 200

/** Sends bytes as they are (and more once something came back), says goodbye, and answers everything that was said before the end. */
function exchange(bytes: Uint8Array, afterwards?: Uint8Array): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const { hostname, port } = new URL(shop.origin)
  const parts: Buffer[] = []
  const socket = connect({ host: hostname, port: Number(port) }, () => {
    socket.write(bytes)
    if (afterwards === undefined) socket.end()
  })
  const done = (): void => {
    clearTimeout(timer)
    socket.destroy()
    resolve(Buffer.concat(parts))
  }
  // A peer that is left waiting is a lawful answer to half a request; nobody has to wait for it here.
  const timer = setTimeout(done, 1_500)
  socket.on('data', (data) => {
    // The frames follow the handshake, as a client's would.
    if (parts.push(data) === 1 && afterwards !== undefined) socket.end(afterwards)
  })
  socket.on('close', done)
  socket.on('error', done)
  return promise
}

/** Runs work for each of many, a few at a time. */
async function forEachOf<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
    }),
  )
}

describe('messages of providers', () => {
  test('two thousand bodies with right, wrong, old and foreign signatures change nothing and break nothing', async () => {
    const random = createRandom(seedOfRun())
    process.stdout.write(`  FUZZ_SEED=${random.seed}\n`)
    const finds: string[] = []
    await shop.settle()
    const before = await moneyRows()
    for (let round = 0; round < 2_000; round++) {
      const body = webhookBody(random)
      const [path, headers] = signedAs(random, body)
      const answer = await shop.app.handle(new Request(`${shop.origin}${path}`, { method: 'POST', body: new Uint8Array(body), headers }))
      const text = (await answer?.text()) ?? ''
      if (answer === undefined || answer.status >= 500)
        finds.push(`${path} ${answer?.status}: ${text.slice(0, 200)} for ${body.toString('latin1').slice(0, 200)}`)
      if (![200, 202, 204, 400, 401, 404, 413, 415, 422].includes(answer?.status ?? 0))
        finds.push(`${path}: undocumented ${answer?.status}`)
      if (body.length > 20 && text.includes(body.toString('utf8').slice(0, 20))) finds.push(`${path} echoes what it was sent`)
    }
    expect(finds).toEqual([])
    await shop.settle()
    expect(await moneyRows()).toEqual(before)
  }, 120_000)
})

/** What messages that prove nothing must leave as it is. */
const moneyRows = async () => [
  ...(await shop.database.sql`select state, count(*)::int from transactions group by state order by state`),
  ...(await shop.database.sql`select count(*)::int as postings from ledger_entries`),
]

function webhookBody(random: Random): Buffer {
  const shapes = [
    '{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"ws_CO_1","ResultCode":0,"CallbackMetadata":{"Item":[{"Name":"Amount","Value":1}]}}}}',
    '{"event":"charge.success","data":{"id":1,"reference":"ref","amount":100,"currency":"KES","status":"success"}}',
    '{"id":"evt_1","object":"event","type":"checkout.session.completed","data":{"object":{"id":"cs_1","amount_total":100,"currency":"kes"}}}',
    '{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"1","amount":{"value":"1.00","currency_code":"USD"}}}',
    '{"TransID":"A1","TransAmount":"1.00","BillRefNumber":"RAH-7K2M9QXB","MSISDN":"254712345678","BusinessShortCode":"174379"}',
  ]
  const text = random.pick(shapes)
  switch (random.below(9)) {
    case 0:
      return Buffer.from(text.replace(/:(\d+|"[^"]*")/, () => `:${JSON.stringify(random.pick(badTexts))}`))
    case 1:
      return Buffer.from(text.slice(0, random.below(text.length)))
    case 2:
      return Buffer.from(text.replaceAll(/"[^"]*":/g, (name) => (random.chance(0.2) ? '"__proto__":' : name)))
    case 3:
      return Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0x00])])
    case 4:
      return Buffer.from('['.repeat(200))
    case 5:
      return Buffer.alloc(random.pick([0, 1, 1_000]), 0x41)
    case 6:
      return Buffer.from(`\ufeff${text}`)
    case 7: {
      const bytes = Buffer.from(text)
      bytes[random.below(bytes.length)] = random.below(256)
      return bytes
    }
    default:
      return Buffer.from(text)
  }
}

/** An address and headers: signed with the simulators' published secrets now and then, so that the reader behind the signature is reached too. */
function signedAs(random: Random, body: Buffer): [string, Record<string, string>] {
  const json = { 'content-type': 'application/json' }
  const at = Math.floor(Date.now() / 1_000) - (random.chance(0.2) ? 4_000 : 0)
  const secret = (right: string): string => (random.chance(0.5) ? right : random.pick(['', 'whsec_', 'another', right.slice(1)]) || 'x')
  switch (random.below(6)) {
    case 0:
      return [
        '/webhooks/stripe',
        {
          ...json,
          'stripe-signature': `t=${at},v1=${hmac('sha256', secret('whsec_sandbox'), Buffer.concat([Buffer.from(`${at}.`), body]))}`,
        },
      ]
    case 1:
      return ['/webhooks/paystack', { ...json, 'x-paystack-signature': hmac('sha512', secret('sk_test_sandbox_paystack'), body) }]
    case 2:
      return [
        '/webhooks/paypal',
        {
          ...json,
          'paypal-transmission-id': 'x',
          'paypal-transmission-time': '2026-11-24T12:00:00Z',
          'paypal-transmission-sig': 'AAAA',
          'paypal-auth-algo': 'SHA256withRSA',
          'paypal-cert-url': random.pick(['https://evil.example/cert', 'file:///etc/passwd', 'http://127.0.0.1:1/', '']),
        },
      ]
    case 3:
      return [`/webhooks/mpesa/${random.pick(['x', 'a'.repeat(64), '%2e%2e', 'c2b'])}`, json]
    case 4:
      return [
        `/webhooks/${random.pick(['stripe', 'paystack', 'mpesa', 'nobody', '__proto__', 'constructor', '%00'])}`,
        random.pick([json, {}, { 'content-type': 'text/xml' }]) as Record<string, string>,
      ]
    default:
      return [
        `/orders/webhook/${random.pick(['stripe/', 'paystack/', 'mpesa', 'x'])}`,
        { ...json, 'x-paystack-signature': random.pick(badTexts).replace(/[^\x20-\x7e]/g, '') },
      ]
  }
}

const hmac = (algorithm: 'sha256' | 'sha512', key: string, data: Buffer): string => createHmac(algorithm, key).update(data).digest('hex')

describe('raw connections', () => {
  test('fifteen hundred that are no requests, or too clever ones, are answered or closed, and the next request is served', async () => {
    const random = createRandom(seedOfRun())
    const finds: string[] = []
    const made = Array.from({ length: 1_500 }, () => rawRequest(random))
    await forEachOf(made, 32, async (bytes) => {
      const said = (await exchange(bytes)).toString('latin1')
      for (const [, status = ''] of said.matchAll(/^HTTP\/1\.[01] (\d{3})/gm))
        // 505 is the server's own word for a version it does not speak, said before any of our code.
        if (Number(status) >= 500 && status !== '505')
          finds.push(`${status} for ${JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 300))}`)
      // Of two glued requests the second must never be answered as if somebody else had sent it.
      if (said.includes('smuggled-marker'))
        finds.push(`a hidden request was answered: ${JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 300))}`)
    })
    process.stdout.write(`  raw connections: ${made.length}, finds: ${finds.length}, FUZZ_SEED=${random.seed}\n`)
    expect(finds).toEqual([])
    expect(await isAlive()).toBe(true)
  }, 180_000)

  test('two hundred that say nothing, or a byte at a time, keep nobody waiting', async () => {
    const { hostname, port } = new URL(shop.origin)
    const slow = Array.from({ length: 200 }, (_, index) => {
      const socket = connect({ host: hostname, port: Number(port) }, () =>
        socket.write(
          index % 2 === 0 ? 'GET / HTTP/1.1\r\nHos' : 'POST /api/v1/checkout HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n{',
        ),
      )
      socket.on('error', () => {})
      return socket
    })
    for (let request = 0; request < 50; request++) expect((await fetch(`${shop.origin}/api/v1/categories`)).status).toBe(200)
    for (const socket of slow) socket.destroy()
    expect(await isAlive()).toBe(true)
  }, 60_000)
})

function rawRequest(random: Random): Buffer {
  const host = `Host: ${new URL(shop.origin).host}`
  const valid = `GET /api/v1/categories HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`
  const hidden = 'GET /smuggled-marker HTTP/1.1\r\nHost: x\r\n\r\n'
  const post = (headers: string, body: string): string =>
    `POST /api/v1/checkout/quote HTTP/1.1\r\n${host}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`
  const texts: (() => string)[] = [
    () => valid.slice(0, random.below(valid.length)),
    () => valid.replace('HTTP/1.1', random.pick(['HTTP/9.9', 'HTTP/0.9', 'HTTP/2.0', 'HTTP', 'http/1.1', ''])),
    () => valid.replace('GET', random.pick(['get', 'G\0T', 'CONNECT', 'PRI', 'TRACE', 'X'.repeat(200), ''])),
    () =>
      valid.replace(
        '/api/v1/categories',
        random.pick([
          '*',
          'http://evil.example/',
          '//evil',
          '/\0',
          '/%',
          '/a b',
          `/${'a'.repeat(20_000)}`,
          '',
          '/..;/admin',
          '/api/v1/../../admin',
        ]),
      ),
    () =>
      valid.replace(
        host,
        random.pick([
          'Host: x',
          'Host: a b',
          'Host: evil/healthz?',
          'Host:',
          'Host: [::1',
          'Host : x',
          'NoHost: 1',
          `${host}\r\nHost: evil.example`,
          `Host: ${'h'.repeat(5_000)}`,
        ]),
      ),
    () => valid.replaceAll('\r\n', '\n'),
    () => valid.replace('\r\n\r\n', `\r\nX-Long: ${'x'.repeat(random.pick([7_000, 20_000, 100_000]))}\r\n\r\n`),
    () =>
      valid.replace(
        '\r\n\r\n',
        `\r\n${Array.from({ length: random.pick([90, 200, 2_000]) }, (_, index) => `X-${index}: 1`).join('\r\n')}\r\n\r\n`,
      ),
    () => valid.replace('\r\n\r\n', '\r\nX-Fold: a\r\n b\r\n\r\n'),
    () => valid.replace('\r\n\r\n', '\r\nBad Header: 1\r\n\tx: 2\r\n: 3\r\n\r\n'),
    () => post('Content-Length: 2\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
    () => post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `2\r\n{}\r\n0\r\n\r\n${hidden}`),
    () => post('Content-Length: 2\r\nContent-Length: 40', `{}${hidden}`),
    () => post(`Content-Length: ${random.pick(['-1', '1e3', '+2', '0x2', '99999999999999999999', ' 2', '2,2'])}`, '{}'),
    () =>
      post(
        'Transfer-Encoding: chunked',
        random.pick(['zz\r\n{}\r\n0\r\n\r\n', '-1\r\n{}\r\n', '2\r\n{}', '2;a=b\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n', 'ffffffffffffffff\r\n']),
      ),
    () => post('Transfer-Encoding : chunked', `0\r\n\r\n${hidden}`),
    () => post('Transfer-Encoding: xchunked', `0\r\n\r\n${hidden}`),
    () => post('Content-Length: 500000', '{"a":"'),
    () => post('Expect: 100-continue\r\nContent-Length: 2', '{}'),
    () => valid.replace('Connection: close\r\n', '').repeat(random.below(20) + 2) + valid,
    () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'r'.repeat(random.below(200)),
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    () => '\r\n'.repeat(random.below(50)) + valid,
    () => Array.from({ length: random.below(2_000) }, () => String.fromCharCode(random.below(256))).join(''),
    () =>
      `GET ${socketPath} HTTP/1.1\r\n${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${random.pick(['', 'x', 'AAAAAAAAAAAAAAAAAAAAAA=='])}\r\nSec-WebSocket-Version: ${random.pick(['13', '8', 'x'])}\r\nAuthorization: Bearer ${random.chance(0.3) ? riderToken : 'x'.repeat(32)}\r\n\r\n`,
  ]
  return Buffer.from(random.pick(texts)(), 'latin1')
}

describe('WebSocket frames', () => {
  test('three thousand of every shape end in an error frame or a close, and the shop goes on', async () => {
    const random = createRandom(seedOfRun())
    let frames = 0
    // Twelve frames a connection: the strikes and the size limit end most of them before.
    const connections = Array.from({ length: 250 }, () => Array.from({ length: 12 }, () => (frames++, wsFrame(random))))
    const finds: string[] = []
    await forEachOf(connections, 4, async (each) => {
      const hello = `GET ${socketPath} HTTP/1.1\r\nHost: ${new URL(shop.origin).host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer ${riderToken}\r\n\r\n`
      const close = frame(0x8, Buffer.from([0x03, 0xe8]), { masked: true })
      const said = await exchange(Buffer.from(hello, 'latin1'), Buffer.concat([...each, close]))
      const [head = ''] = said.toString('latin1').split('\r\n')
      // 101, or 429 while the sockets of the ones before are still closing.
      if (!/^HTTP\/1\.1 (101|429)/.test(head)) finds.push(`${head} for ${Buffer.concat(each).toString('hex').slice(0, 200)}`)
    })
    process.stdout.write(`  frames: ${frames}, finds: ${finds.length}, FUZZ_SEED=${random.seed}\n`)
    expect(finds).toEqual([])
    expect(await isAlive()).toBe(true)
    expect(unhandled).toEqual([])
  }, 180_000)
})

/** One frame by hand, lawful or not (RFC 6455, 5.2). */
function frame(
  opcode: number,
  payload: Buffer,
  options: { masked: boolean; fin?: boolean; reserved?: number; saysLength?: number },
): Buffer {
  const length = options.saysLength ?? payload.length
  const first = (options.fin === false ? 0 : 0x80) | ((options.reserved ?? 0) << 4) | opcode
  const mask = options.masked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0)
  const size =
    length < 126
      ? Buffer.from([length])
      : length < 65_536
        ? Buffer.from([126, length >> 8, length & 255])
        : Buffer.concat([
            Buffer.from([127, 0, 0, 0, 0]),
            Buffer.from([(length >>> 24) & 255, (length >> 16) & 255, (length >> 8) & 255, length & 255]),
          ])
  size[0] = (size[0] ?? 0) | (options.masked ? 0x80 : 0)
  return Buffer.concat([
    Buffer.from([first]),
    size,
    mask,
    options.masked ? Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))) : payload,
  ])
}

function wsFrame(random: Random): Buffer {
  const texts = [
    '{"type":"ping"}',
    '{"op":"ping"}',
    '{"type":"position_update","lat":-1.29,"lng":36.82}',
    '{"type":"position_update","lat":"x","lng":null}',
    '{"type":"position_update","lat":1e999,"lng":-1e999}',
    '{"type":"status","status":"delivered"}',
    '{"type":"status","status":{"toString":"x"}}',
    '{"type":"subscribe","channel":"delivery:x"}',
    '{"__proto__":{"type":"ping"}}',
    '[]',
    'null',
    '0',
    '"x"',
    '{',
    '',
    '['.repeat(3_000),
    JSON.stringify({ type: random.pick(badTexts), lat: random.pick(badTexts) }),
    JSON.stringify({ op: 'position', lat: -1.2, lng: 36.8, ts: 1e300, accuracy: -1 }),
  ]
  const text = Buffer.from(random.pick(texts))
  switch (random.below(12)) {
    case 0:
      return frame(0x1, text, { masked: false })
    case 1:
      return frame(random.pick([0x3, 0x7, 0xb, 0xf]), text, { masked: true })
    case 2:
      return frame(0x1, text, { masked: true, reserved: 1 + random.below(7) })
    case 3:
      return frame(0x9, Buffer.alloc(126 + random.below(100)), { masked: true })
    case 4:
      return frame(0x9, text.subarray(0, 100), { masked: true })
    case 5:
      return frame(
        0x8,
        random.pick([
          Buffer.alloc(0),
          Buffer.from([0x03]),
          Buffer.from([0x03, 0xed]),
          Buffer.from([0xff, 0xff]),
          Buffer.from([0x03, 0xe8, 0xff, 0xfe]),
        ]),
        { masked: true },
      )
    case 6:
      return frame(0x1, Buffer.from([0xc3, 0x28, 0xff]), { masked: true })
    case 7:
      return frame(0x1, text, { masked: true, saysLength: random.pick([1, 126, 70_000]) })
    case 8:
      return frame(0x1, Buffer.alloc(random.pick([4_097, 20_000]), 0x61), { masked: true })
    case 9:
      return Buffer.concat([
        frame(0x1, text, { masked: true, fin: false }),
        frame(random.pick([0x0, 0x1, 0x9]), text.subarray(0, 60), { masked: true }),
      ])
    case 10:
      return frame(0x2, text, { masked: true })
    default:
      return frame(0x1, text, { masked: true })
  }
}
