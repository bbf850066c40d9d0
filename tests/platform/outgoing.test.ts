import { afterAll, beforeAll, expect, test } from 'bun:test'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { createOutgoing, type OutgoingCall, OutgoingError, outgoingHosts } from '../../src/platform/outgoing.ts'
import { readConfig } from '../../src/platform/config.ts'

let server: ReturnType<typeof Bun.serve>
const lines: string[] = []
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      switch (new URL(request.url).pathname) {
        case '/json':
          return Response.json({
            method: request.method,
            agent: request.headers.get('user-agent'),
            body: request.method === 'POST' ? await request.json() : null,
          })
        case '/html':
          return new Response('<html>Request Rejected</html>', { status: 403, headers: { 'content-type': 'text/html' } })
        case '/truncated':
          return new Response('{"a": [1, 2')
        case '/empty':
          return new Response('')
        case '/redirect':
          return Response.redirect('http://169.254.169.254/latest', 302)
        case '/endless':
          return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) }))
        case '/slow':
          await Bun.sleep(2_000)
          return Response.json({})
        default:
          return Response.json({ error: 'no' }, { status: 500 })
      }
    },
  })
})
afterAll(async () => await server.stop(true))

const client = () =>
  createOutgoing({
    allowedHosts: [`127.0.0.1:${server.port}`],
    log: createLog('info', { write: (line) => void lines.push(line) }),
    clock: systemClock,
  })
const call = async (path: string, more: Partial<OutgoingCall> = {}) =>
  await client().call({ method: 'GET', url: `http://127.0.0.1:${server.port}${path}`, purpose: 'test', ...more })
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((reason: unknown) => reason)
  return error instanceof OutgoingError ? error.failure : `not an OutgoingError: ${String(error)}`
}

test('JSON goes out and comes back, with any status', async () => {
  expect(await call('/json', { method: 'POST', body: { a: 1 } })).toEqual({
    status: 200,
    json: { method: 'POST', agent: 'rahim-online', body: { a: 1 } },
  })
  expect(await call('/other')).toEqual({ status: 500, json: { error: 'no' } })
})

test('a host outside the list is refused before anything is sent', async () => {
  expect(await failure(client().call({ method: 'GET', url: 'http://localhost:1/x', purpose: 'test' }))).toBe('host_refused')
  expect(await failure(client().call({ method: 'GET', url: `ftp://127.0.0.1:${server.port}/x`, purpose: 'test' }))).toBe('host_refused')
  expect(outgoingHosts(readConfig({ NODE_ENV: 'test', PORT: '3000', MPESA_BASE_URL: 'https://api.safaricom.co.ke' }))).toEqual([
    'api.safaricom.co.ke',
    '127.0.0.1:3000',
  ])
  const live = readConfig({
    NODE_ENV: 'test',
    SANDBOX: 'off',
    PAYPAL_CLIENT_ID: 'c',
    PAYPAL_CLIENT_SECRET: 's',
    PAYPAL_WEBHOOK_ID: 'w',
    PAYPAL_FX_KES_PER_USD: '129',
    PAYPAL_MODE: 'live',
  })
  expect(outgoingHosts(live)).toEqual(['api-m.paypal.com', 'api.paypal.com'])
})

test('HTML, half an answer, none, a redirect, too much and too late are typed errors', async () => {
  expect(await failure(call('/html'))).toBe('not_json')
  expect(await failure(call('/truncated'))).toBe('not_json')
  expect(await failure(call('/empty'))).toBe('not_json')
  expect(await failure(call('/redirect'))).toBe('redirect')
  expect(await failure(call('/endless', { maxBytes: 200_000 }))).toBe('too_large')
  expect(await failure(call('/slow', { totalTimeoutMs: 50 }))).toBe('timeout')
  expect(
    await failure(
      createOutgoing({ allowedHosts: ['127.0.0.1:1'], log: createLog('silent'), clock: systemClock }).call({
        method: 'GET',
        url: 'http://127.0.0.1:1/',
        purpose: 'test',
      }),
    ),
  ).toBe('network')
})

test('the log says what and where, never the address’s query, the body or a header', async () => {
  lines.length = 0
  await call('/json?token=sikrit', { method: 'POST', body: { phone: '254712345678' }, headers: { authorization: 'Bearer sikrit' } })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"purpose":"test"')
  expect(lines[0]).not.toMatch(/sikrit|2547|authorization/)
})
