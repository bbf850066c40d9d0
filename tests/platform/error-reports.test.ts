import { afterAll, expect, test } from 'bun:test'
import { createErrorReports } from '../../src/platform/error-reports.ts'
import { withRequestScope } from '../../src/platform/http/request-scope.ts'
import { createLog } from '../../src/platform/log.ts'

// A Sentry server as far as a reporter can see: it takes envelopes at the project's address.
const received: { path: string; auth: string; body: string }[] = []
let status = 200
const sentry = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const url = new URL(request.url)
    received.push({ path: url.pathname, auth: url.search, body: await request.text() })
    return Response.json({}, { status })
  },
})
afterAll(() => sentry.stop(true))

const open = () =>
  createErrorReports({
    dsn: `http://0123456789abcdef0123456789abcdef@127.0.0.1:${sentry.port}/42`,
    environment: 'test',
    release: '0.0.0',
    log: createLog('silent'),
  })

test('an error that is logged becomes one envelope with kind, text, stack, request id and route', async () => {
  received.length = 0
  const reports = open()
  const log = createLog('error', { write: () => {} }, reports.report)
  withRequestScope(
    { requestId: 'request-id-12345', address: '41.90.1.2', startedAtMs: 0, upgraded: false, route: '/api/v1/checkout' },
    () => log.error({ error: new TypeError('the shelf is not a number'), orderId: 'x' }, 'request failed'),
  )
  await reports.flush()
  expect(received.map(({ path }) => path)).toEqual(['/api/42/envelope/'])
  expect(received[0]?.auth).toContain('sentry_key=0123456789abcdef0123456789abcdef')
  const event = JSON.parse(received[0]?.body.split('\n')[2] ?? '') as {
    exception: { values: { type: string; value: string; stacktrace: { frames: unknown[] } }[] }
    tags: object
  }
  expect(event.exception.values[0]).toMatchObject({ type: 'TypeError', value: 'the shelf is not a number' })
  expect(event.exception.values[0]?.stacktrace.frames.length).toBeGreaterThan(0)
  expect(event.tags).toEqual({ requestId: 'request-id-12345', route: '/api/v1/checkout' })
})

test('a report holds no phone number, e-mail, key, statement parameter or client address', async () => {
  received.length = 0
  const reports = open()
  const error = new Error('Failed query: insert into "accounts"\nparams: wanjiku@example.co.ke,254712345678', {
    cause: new Error('duplicate key for +254712345678 wanjiku@example.co.ke sk_live_0123456789'),
  })
  withRequestScope({ requestId: 'request-id-12345', address: '41.90.1.2', startedAtMs: 0, upgraded: false }, () =>
    reports.report(error, 'request failed'),
  )
  await reports.flush()
  expect(received).toHaveLength(1)
  for (const canary of ['254712345678', 'wanjiku', 'sk_live', '41.90.1.2']) expect(received[0]?.body).not.toContain(canary)
})

test('a Sentry server that is down or refuses costs nothing but a line in the log', async () => {
  received.length = 0
  status = 503
  const lines: string[] = []
  const reports = createErrorReports({
    dsn: 'http://key@127.0.0.1:1/42',
    environment: 'test',
    release: '0.0.0',
    log: createLog('warn', { write: (line) => void lines.push(line) }),
  })
  reports.report(new Error('any'), 'request failed')
  await reports.flush()
  expect(lines.some((line) => line.includes('an error report could not be sent'))).toBe(true)
  status = 200
})

test('a loop of errors sends at most thirty a minute', async () => {
  received.length = 0
  const reports = open()
  for (let at = 0; at < 200; at++) reports.report(new Error(`number ${at}`), 'request failed')
  await reports.flush()
  // A minute may turn over while the loop runs; then it is thirty for each of the two.
  expect([30, 60]).toContain(received.length)
})
