import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { paypalSimulatorOf } from '../../src/domain/payments/simulators/paypal.simulator.ts'
import { paybillToken } from '../../src/domain/payments/receive-paybill.ts'
import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { buy, guest } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(async () => {
  expect(await checkInvariants(shop.database.db)).toEqual([])
  await shop.close()
})

const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const deepList = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** What somebody, or a provider gone wrong, may send. */
const bodies: Record<string, string | Uint8Array<ArrayBuffer>> = {
  nothing: '',
  'half a message': '{"id":"evt_1","type":"checkout.session.compl',
  'a number': '1',
  null: 'null',
  'a list': '[{"id":"evt_1"}]',
  text: '"evt_1"',
  'no ids': '{}',
  'ids of wrong types': '{"id":{"x":1},"type":["a"],"event":7,"data":null,"event_type":false,"resource":[],"Body":{"stkCallback":3}}',
  'ids with NUL':
    '{"id":"evt_\\u0000","type":"a\\u0000b","event":"charge.success\\u0000","data":{"id":"\\u0000","object":{"id":"\\u0000"}}}',
  'lone surrogates': '{"id":"evt_\\ud800","event":"\\udfff","data":{"reference":"\\ud800","object":{"id":"\\ud800"}}}',
  'a name twice': '{"id":"evt_twice","id":"evt_other","event":"charge.success","event":"refund.failed","data":{"id":1,"id":2}}',
  'a huge number': `{"id":"evt_huge","type":"payment_intent.succeeded","event":"charge.success","data":{"id":${'9'.repeat(400)},"amount":1e999,"object":{"id":"pi_1","amount_received":1e308,"currency":"kes"}}}`,
  'a negative amount':
    '{"id":"evt_negative","type":"payment_intent.succeeded","event":"charge.success","data":{"id":5,"amount":-1,"reference":"X","object":{"id":"pi_1","amount_received":-5}}}',
  'deep objects': deep(5_000),
  'deep lists': deepList(20_000),
  'deep inside a message': `{"id":"evt_deep","type":"a","event":"b","data":{"id":9,"object":${deep(2_000)}}}`,
  prototypes:
    '{"__proto__":{"id":"evt_p"},"constructor":{"prototype":{}},"id":"evt_proto","event":"__proto__","type":"constructor","data":{"object":{"id":"toString"}}}',
  'an event type like a built-in':
    '{"id":"evt_builtin","type":"toString","event":"hasOwnProperty","event_type":"valueOf","data":{"id":77,"object":{"id":"x"}}}',
  'many signs': '{"id":"evt_ünïcödé","type":"支付","event":"💸","data":{"id":"́́́","reference":"RAH‮","object":{"id":"💸"}}}',
  'a long id': `{"id":"${'e'.repeat(60_000)}","type":"${'t'.repeat(60_000)}","event":"${'t'.repeat(60_000)}","data":{"id":"${'i'.repeat(5_000)}"}}`,
  SQL: `{"id":"evt_'); drop table orders; --","event":"x","data":{"reference":"' or 1=1 --"}}`,
  'no UTF-8': new Uint8Array([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  'UTF-16': new Uint8Array(Buffer.from('\ufeff{"id":"evt_16"}', 'utf16le')),
  'a byte order mark': '\ufeff{"id":"evt_bom","type":"a","event":"b","data":{"id":3}}',
  gzip: new Uint8Array(Bun.gzipSync(Buffer.from('{"id":"evt_gzip"}'))),
  binary: new Uint8Array(Array.from({ length: 256 }, (_, index) => index)),
  'a form': 'id=evt_1&type=payment_intent.succeeded',
  XML: '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  'stk of wrong types':
    '{"Body":{"stkCallback":{"CheckoutRequestID":{"$ne":1},"ResultCode":"0x0","CallbackMetadata":{"Item":{"Name":"Amount"}}}}}',
  'stk with a strange amount':
    '{"Body":{"stkCallback":{"CheckoutRequestID":"ws_CO_hostile","MerchantRequestID":"m","ResultCode":0,"CallbackMetadata":{"Item":[{"Name":"Amount","Value":"1e3"},null,7,{"Name":"MpesaReceiptNumber","Value":{"a":1}}]}}}}',
  'paybill of wrong types': '{"TransID":["A"],"TransAmount":{"a":1},"BillRefNumber":7}',
  'paybill for no amount': '{"TransID":"UBHOSTILE1","TransAmount":"NaN","BillRefNumber":"RAH"}',
  'paybill with strange words':
    '{"TransID":"UBHOSTILE2","TransAmount":"10.00","BillRefNumber":"\\u0000\\ud800💸\' or 1=1","BusinessShortCode":"174379","MSISDN":{"a":[]}}',
}

const headersSent: Record<string, Record<string, string>> = {
  json: { 'content-type': 'application/json' },
  'no content type': {},
  'gzip as encoding': { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  multipart: { 'content-type': 'multipart/form-data; boundary=' },
}

interface Address {
  readonly path: string
  sign(body: Uint8Array<ArrayBuffer>): Promise<Record<string, string>> | Record<string, string>
}

const bytesOf = (body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? new TextEncoder().encode(body) : body

/** Every address a provider's message may come to, with what makes its origin believed. */
async function addresses(): Promise<Address[]> {
  const { config } = shop.context
  const { stripe, paystack, mpesa } = config
  const paypal = paypalSimulatorOf(shop.context)
  if (stripe === undefined || paystack === undefined || mpesa === undefined || paypal === undefined)
    throw new Error('the sandbox is on in tests')
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 5 })
  const { payment } = (await (await buy(guest(shop), variantId)).json()) as { payment: { transactionId: string } }
  await shop.settle()
  const token = callbackToken(config.appSecret, 'mpesa', payment.transactionId)
  const hand = paybillToken(config.appSecret, mpesa.shortCode)
  return [
    {
      path: '/webhooks/stripe',
      sign: (body) => {
        const time = Math.floor(shop.context.clock.now().getTime() / 1_000)
        const signature = createHmac('sha256', stripe.webhookSecrets[0] ?? '')
          .update(`${time}.`)
          .update(body)
          .digest('hex')
        return { 'stripe-signature': `t=${time},v1=${signature}` }
      },
    },
    {
      path: '/webhooks/paystack',
      sign: (body) => ({
        'x-paystack-signature': createHmac('sha512', paystack.secretKeys[0] ?? '')
          .update(body)
          .digest('hex'),
      }),
    },
    { path: '/webhooks/paypal', sign: async (body) => await paypal.prove(body) },
    { path: `/webhooks/mpesa/${token}`, sign: () => ({}) },
    { path: `/webhooks/mpesa/c2b/${hand}/confirmation`, sign: () => ({}) },
    { path: `/webhooks/mpesa/c2b/${hand}/validation`, sign: () => ({}) },
  ]
}

const send = async (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Response> =>
  await fetch(`${shop.origin}${path}`, { method: 'POST', body, headers })

describe('what is sent to the address of a provider', () => {
  test('is answered 200 or a plain no, however strange it is, and nothing that was signed is lost or breaks the worker', async () => {
    const strange: string[] = []
    for (const { path, sign } of await addresses()) {
      for (const [name, body] of Object.entries(bodies)) {
        const bytes = bytesOf(body)
        for (const [kind, sent] of Object.entries(headersSent)) {
          const answer = await send(path, bytes, { ...sent, ...(await sign(bytes)) })
          const text = await answer.text()
          if (![200, 400, 401, 404].includes(answer.status)) strange.push(`${path} ${name} as ${kind}: ${answer.status} ${text}`)
          // What was sent does not come back, neither in an answer nor in an error.
          if (answer.status !== 200 && typeof body === 'string' && body.length > 8 && text.includes(body))
            strange.push(`${path} ${name} came back`)
        }
      }
    }
    expect(strange).toEqual([])
    await shop.settle()
    const rows = await shop.database.db.select().from(webhookEvents)
    expect(rows.length).toBeGreaterThan(20)
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['ignored', 'unmatched', 'processed']))
    const [moved] = await shop.database.sql`select count(*)::int as count from transactions where state in ('succeeded', 'duplicate')`
    expect(moved?.['count']).toBe(0)
  }, 120_000)

  test('without a proof it is refused and leaves nothing', async () => {
    const before = await shop.database.sql`select count(*)::int as count from webhook_events`
    for (const path of [
      '/webhooks/stripe',
      '/webhooks/paystack',
      '/webhooks/paypal',
      '/webhooks/mpesa/AAAAAAAAAAAAAAAAAAAAAA',
      '/webhooks/mpesa/c2b/AAAAAAAAAAAAAAAAAAAA/confirmation',
    ])
      for (const body of Object.values(bodies)) {
        const answer = await send(path, bytesOf(body), { 'content-type': 'application/json' })
        expect([path, answer.status]).toEqual([path, path.includes('mpesa') ? 404 : 401])
      }
    expect(await shop.database.sql`select count(*)::int as count from webhook_events`).toEqual(before)
  }, 60_000)

  test('is answered alike past the framework and by its routes', async () => {
    const about = async (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) => {
      const answer = await send(path, body, headers)
      const json = (await answer.json()) as Record<string, unknown>
      return {
        status: answer.status,
        body: { ...json, requestId: typeof json['requestId'] },
        type: answer.headers.get('content-type')?.split(';')[0],
        names: [...answer.headers.keys()].toSorted(),
      }
    }
    const tooLarge = new Uint8Array(300_000).fill(32)
    for (const { path, sign } of (await addresses()).slice(0, 4))
      for (const body of [bytesOf('{"id":"evt_alike","event":"alike","data":{"id":12},"Body":{}}'), bytesOf('{'), bytesOf('[]'), tooLarge])
        for (const headers of [{}, await sign(body), { ...(await sign(body)), origin: 'https://elsewhere.example' }]) {
          const direct = await about(path, body, headers)
          // The final slash is a spelling only the router knows.
          expect([path, await about(`${path}/`, body, headers)]).toEqual([path, direct])
        }
  }, 60_000)
})
