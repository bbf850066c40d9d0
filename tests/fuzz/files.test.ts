import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { OpenapiDocument } from '../../src/platform/docs/normalise-openapi.ts'
import { person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { type KnownOperation, operationsOf } from '../support/openapi-sampler.ts'
import { createRandom, type Random, seedOfRun } from '../support/random.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { judgeAnswer } from './judge-answer.ts'

/** Files for each operation that takes one. */
const filesEach = 200

let shop: TestShop
let document: OpenapiDocument
let operations: KnownOperation[] = []
let sender: Visitor
let productId = ''
beforeAll(async () => {
  shop = await openShop()
  document = (await (await shop.fetch('/swagger/json')).json()) as OpenapiDocument
  operations = operationsOf(document).filter(({ operation }) =>
    /multipart/i.test(JSON.stringify([operation.summary, operation['description']])),
  )
  sender = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'owner' } })
  productId = (await makeVariant(shop.context, shop.catalogue)).productId
}, 60_000)
afterAll(() => shop.close())

test('two hundred crafted files to each operation that takes one are refused as the document says, or kept as what they are', async () => {
  const random = createRandom(seedOfRun())
  const finds = new Set<string>()
  let sent = 0
  for (const known of operations) {
    const path = `${known.path.replace(/\{\w+\}/g, productId)}?alt=A%20dress&purpose=identity`
    for (let round = 0; round < filesEach; round++) {
      const { type, body, what } = crafted(random)
      const answer = await shop.app.handle(
        new Request(`${shop.origin}${path}`, {
          method: known.method,
          body: new Uint8Array(body),
          headers: { ...(type === '' ? {} : { 'content-type': type }), authorization: `Bearer ${sender.token}` },
        }),
      )
      const text = (await answer?.text()) ?? ''
      sent++
      const made = { operationId: known.operation.operationId, method: known.method, path, headers: {}, body: undefined }
      for (const wrong of judgeAnswer(document, known, made, {
        status: answer?.status ?? 0,
        type: answer?.headers.get('content-type') ?? '',
        text,
      }))
        finds.add(`${known.operation.operationId} with ${what}: ${wrong}`)
    }
  }
  process.stdout.write(`  files: ${sent} to ${operations.length} operations, finds: ${finds.size}, FUZZ_SEED=${random.seed}\n`)
  expect(operations.length).toBeGreaterThan(0)
  expect([...finds]).toEqual([])
  expect((await shop.fetch('/healthz')).status).toBe(200)
}, 180_000)

interface CraftedFile {
  readonly type: string
  readonly body: Buffer
  readonly what: string
}

const png = (width: number, height: number, rest = Buffer.alloc(0)): Buffer => {
  const header = Buffer.alloc(25)
  header.writeUInt32BE(13, 0)
  header.write('IHDR', 4)
  header.writeUInt32BE(width, 8)
  header.writeUInt32BE(height, 12)
  header.set([8, 6, 0, 0, 0], 16)
  header.writeUInt32BE(Bun.hash.crc32(header.subarray(4, 21)), 21)
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), header, rest])
}

const contents: readonly (readonly [what: string, make: (random: Random) => Buffer])[] = [
  ['nothing', () => Buffer.alloc(0)],
  ['one byte', () => Buffer.from('x')],
  ['a page', () => Buffer.from('<html><script>alert(1)</script></html>')],
  ['a drawing with a script', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['a PDF that is also a page', () => Buffer.from('%PDF-1.4\n<html><script>alert(1)</script>\n%%EOF')],
  ['the virus test', () => Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*')],
  ['an archive', () => Buffer.from('504b0304140000000800', 'hex')],
  ['a program', () => Buffer.from('7f454c4602010100', 'hex')],
  ['a picture of four thousand million pixels', () => png(65_535, 65_535)],
  ['a picture without pixels', () => png(0, 0)],
  ['a picture cut short', () => png(10, 10, Buffer.from('0000000a49444154789c', 'hex'))],
  ['a picture of noise', (random) => png(64, 64, Buffer.from(Array.from({ length: 500 }, () => random.below(256))))],
  ['a JPEG cut short', () => Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex')],
  [
    'a JPEG of noise',
    (random) =>
      Buffer.concat([Buffer.from('ffd8ffe1ffff45786966', 'hex'), Buffer.from(Array.from({ length: 2_000 }, () => random.below(256)))]),
  ],
  ['a WebP that lies about its size', () => Buffer.from('52494646ffffffff57454250565038200a000000', 'hex')],
  ['a GIF', () => Buffer.from('47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b', 'hex')],
  ['an icon', () => Buffer.from('00000100010010100000', 'hex')],
  [
    'a small picture',
    () => Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  ],
  ['far too much', () => Buffer.alloc(9_000_000, 0x41)],
  ['a picture with far too much behind it', () => png(1, 1, Buffer.alloc(9_000_000, 0x42))],
]

const names: readonly string[] = [
  'a.png',
  '../../etc/passwd',
  'a.png.exe',
  'a\0.png',
  `${'x'.repeat(255)}.png`,
  '',
  '"quoted".png',
  'C:\\a.png',
  'ü👗.png',
  'a\r\nX: y.png',
]

function crafted(random: Random): CraftedFile {
  const [what, make] = random.pick(contents)
  const content = make(random)
  const boundary = random.pick(['x', '----WebKitFormBoundary7MA4YWxkTrZu0gW', 'a'.repeat(80)])
  const part = (field: string): Buffer =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${random.pick(names)}"\r\nContent-Type: ${random.pick(['image/png', 'application/pdf', 'text/html', 'x'])}\r\n\r\n`,
      ),
      content,
      Buffer.from('\r\n'),
    ])
  const end = Buffer.from(`--${boundary}--\r\n`)
  const form = `multipart/form-data; boundary=${boundary}`
  switch (random.below(9)) {
    case 0:
      return { what, type: random.pick(['image/png', 'image/jpeg', 'application/octet-stream', 'image/svg+xml']), body: content }
    case 1:
      return { what: `${what}, under another name`, type: form, body: Buffer.concat([part('picture'), end]) }
    case 2:
      return { what: `${what}, twice`, type: form, body: Buffer.concat([part('file'), part('file'), end]) }
    case 3:
      return { what: `${what}, without an end`, type: form, body: part('file') }
    case 4:
      return { what: `${what}, without a boundary`, type: 'multipart/form-data', body: Buffer.concat([part('file'), end]) }
    case 5:
      return {
        what: `${what}, with another boundary`,
        type: 'multipart/form-data; boundary=other',
        body: Buffer.concat([part('file'), end]),
      }
    case 6:
      return { what: `${what}, as JSON`, type: random.pick(['application/json', 'text/plain', '']), body: content }
    default:
      return { what, type: form, body: Buffer.concat([part('file'), end]) }
  }
}
