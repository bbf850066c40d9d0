import { afterAll, expect, test } from 'bun:test'
import { startTracing, traceId, withSpan } from '../../src/platform/tracing.ts'
import { openShopWithoutServers } from '../support/shop-without-servers.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly parentSpanId?: string
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
}

// A collector as far as the exporter can see: OTLP as JSON over HTTP.
const spans: Span[] = []
const collector = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const body = (await request.json()) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
    spans.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
    return Response.json({})
  },
})
afterAll(() => collector.stop(true))

test('without an endpoint there is no trace and work runs as it is', async () => {
  expect(await withSpan('anything', {}, async () => traceId())).toBeUndefined()
})

test('a request becomes a span named after its route, with the work inside it as children and no address in it', async () => {
  const stop = await startTracing({ endpoint: `http://127.0.0.1:${collector.port}`, environment: 'test', release: '0.0.0' })
  const shop = openShopWithoutServers()
  await shop.fetch('/healthz?canary=254712345678')
  await withSpan('outer', {}, () => withSpan('inner', {}, async () => await Promise.resolve()))
  const failed = await withSpan('fails', {}, () => Promise.reject(new RangeError('254712345678 is out of range'))).catch(
    (error: unknown) => error,
  )
  expect(failed).toBeInstanceOf(RangeError)
  await shop.close()
  await stop()
  const request = spans.find(({ name }) => name === 'GET /healthz')
  expect(request?.attributes.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['http.route', 'http.response.status_code', 'request.id']),
  )
  const [outer, inner] = ['outer', 'inner'].map((name) => spans.find((span) => span.name === name))
  expect(inner?.traceId).toBe(outer?.traceId ?? '')
  expect(inner?.parentSpanId).toBe((outer as unknown as { spanId: string }).spanId)
  expect(JSON.stringify(spans)).not.toContain('254712345678')
})
