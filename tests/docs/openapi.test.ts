import { compileErrors, validate } from '@readme/openapi-parser'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { join } from 'node:path'
import { refusals } from '../../src/lib/refusal.ts'
import type { OpenapiDocument, Operation } from '../../src/platform/docs/normalise-openapi.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openShopWithoutServers } from '../support/shop-without-servers.ts'

interface Route {
  readonly method: string
  readonly path: string
  readonly detail: { readonly hide?: boolean; readonly 'x-audience'?: string }
}

const shop = openShopWithoutServers()
afterAll(() => shop.close())

const routes: Route[] = shop.app.routes.map(({ method, path, hooks }) => ({
  method,
  path,
  detail: (hooks as { detail?: Route['detail'] }).detail ?? {},
}))
/** Routes integrators use: not pages, pictures, assets or the simulators of other companies' APIs. */
const isPublished = ({ path }: Route): boolean => /^\/(api|ws|webhooks|healthz|readyz|metrics)(\/|$)/.test(path)
const documented = routes.filter((route) => isPublished(route) && !isTwin(route))
/** The same address with a trailing slash. */
function isTwin({ method, path }: Route): boolean {
  return path.endsWith('/') && routes.some((other) => other.method === method && other.path === path.slice(0, -1))
}

const document = (await (await shop.fetch('/swagger/json')).json()) as OpenapiDocument
const operationOf = ({ method, path }: Route): Operation | undefined =>
  document.paths[path.replace(/:([A-Za-z]+)\??/g, '{$1}')]?.[method.toLowerCase()]

describe('the OpenAPI document', () => {
  test('is valid', async () => {
    const verdict = await validate(structuredClone(document) as never)
    expect(verdict.valid ? '' : compileErrors(verdict)).toBe('')
  })

  test('equals the committed one; rewrite it with `bun run golden` and read the difference', async () => {
    const golden: unknown = await Bun.file(join(import.meta.dirname, '../golden/openapi.json')).json()
    expect(document as unknown).toEqual(golden)
  })

  test('holds every published route, and none of them is hidden', () => {
    expect(documented.length).toBeGreaterThan(20)
    expect(
      documented
        .filter((route) => route.detail.hide === true || operationOf(route) === undefined)
        .map(({ method, path }) => `${method} ${path}`),
    ).toEqual([])
  })

  test('says for every route what it is called, what it is for, who may enter and what it answers', () => {
    const silent = documented.flatMap((route) => {
      const operation = operationOf(route)
      if (operation === undefined) return []
      const answers = Object.entries(operation.responses)
      const good = answers.filter(([status]) => /^[23]|^101$/.test(status))
      const lacks = [
        ...(operation.operationId ? [] : ['operationId']),
        ...(operation.summary ? [] : ['summary']),
        ...(operation.tags?.length ? [] : ['tags']),
        ...(Array.isArray(operation.security) ? [] : ['security: name an audience with `as`, or `security: []`']),
        ...(good.length > 0 && good.every(([status, answer]) => /^(101|204|3..)$/.test(status) || answer['content'] !== undefined)
          ? []
          : ['an answer with a schema']),
        ...(isProbe(route) || answers.some(([, answer]) => 'application/problem+json' in ((answer['content'] as object | undefined) ?? {}))
          ? []
          : ['its refusals']),
      ]
      return lacks.map((what) => `${route.method} ${route.path} lacks ${what}`)
    })
    expect(silent).toEqual([])
  })

  test('names every operation once and describes every tag', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    const ids = operations.map(({ operationId }) => operationId)
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
    const described = new Set((document['tags'] as { name: string }[]).map(({ name }) => name))
    expect([...new Set(operations.flatMap(({ tags }) => tags))].filter((tag) => !described.has(tag))).toEqual([])
  })

  test('documents the Idempotency-Key of the checkout as required', () => {
    const key = document.paths['/api/v1/checkout']?.['post']?.parameters?.find(({ name }) => name === 'Idempotency-Key')
    expect(key).toMatchObject({ in: 'header', required: true })
  })

  test('tells a client that has it that nothing changed', async () => {
    const first = await shop.fetch('/swagger/json')
    const again = await shop.fetch('/swagger/json', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })
})

describe('the reference at /swagger', () => {
  test('loads nothing from elsewhere and runs nothing inline', async () => {
    const page = await shop.fetch('/swagger')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    const html = await page.text()
    expect(html.match(/(src|href)="(https?:)?\/\//g)).toBeNull()
    expect(html.match(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|\sstyle=/g)).toBeNull()
  })

  test('serves its files by exact name, to be kept for ever', async () => {
    const html = await (await shop.fetch('/swagger')).text()
    const files = [...html.matchAll(/(?:src|href)="(\/swagger\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
    expect(files.length).toBe(5)
    for (const path of files) {
      const file = await shop.fetch(path)
      expect([path, file.status, file.headers.get('cache-control')]).toEqual([path, 200, 'public, max-age=31536000, immutable'])
    }
    for (const name of ['swagger-ui.css', 'package.json', '..%2fpackage.json', '%2e%2e/package.json']) {
      expect([name, (await shop.fetch(`/swagger/assets/${name}`)).status]).toEqual([name, 404])
    }
  })

  test('explains every refusal code where the type of its problem leads', async () => {
    const html = await (await shop.fetch('/swagger')).text()
    for (const [code, { message }] of Object.entries(refusals)) {
      expect(html).toContain(`<div id="${code}">`)
      expect(html).toContain(message.replace(/'/g, '&#39;'))
    }
    const problem = (await (await shop.fetch('/no/such/place', { headers: { accept: 'application/json' } })).json()) as { type: string }
    expect(problem.type).toBe('/swagger#not_found')
  })

  test('is not there when documentation is switched off', async () => {
    const closed = openShopWithoutServers({ DOCS: 'off' })
    for (const path of ['/swagger', '/swagger/json', '/swagger/assets/swagger-ui.css'])
      expect([path, (await closed.fetch(path)).status]).toEqual([path, 404])
    await closed.close()
  })
})

describe('the doors', () => {
  const isPrivate = ({ detail }: Route): boolean => detail['x-audience'] !== undefined && detail['x-audience'] !== 'anyone'
  const address = (path: string): string =>
    path.replace(/:number\b/, 'RAH-7K2M9QXB').replace(/:[A-Za-z]+\??/g, '0199f3a0-0000-7000-8000-000000000001')

  test('every private route answers a stranger 401, whatever the body', async () => {
    const wrong: string[] = []
    const walked = routes.filter((route) => isPrivate(route) && isPublished(route))
    expect(walked.length).toBeGreaterThan(2)
    for (const route of walked) {
      const bodies = route.method === 'GET' ? [undefined] : [undefined, '{}', JSON.stringify(exampleOf(operationOf(route)))]
      for (const body of bodies) {
        const answer = await shop.fetch(address(route.path), {
          method: route.method,
          ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
        })
        const problem =
          answer.headers.get('content-type') === 'application/problem+json' ? ((await answer.json()) as { code: string }).code : ''
        if (answer.status !== 401 || problem !== 'not_signed_in')
          wrong.push(`${route.method} ${route.path} ${body ?? 'without body'}: ${answer.status} ${problem}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('an address that does not exist is a 404 problem', async () => {
    const answer = await shop.fetch('/api/v1/nothing-here')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({ code: 'not_found', status: 404 })
  })

  test('a request for another host is refused before any route sees it', async () => {
    const answer = await shop.fetch('/api/v1/products', { headers: { host: 'evil.example.net' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([421, 'application/problem+json'])
  })
})

describe('the front door', () => {
  const quote = (init: RequestInit): Promise<Response> => shop.fetch('/api/v1/checkout/quote', { method: 'POST', ...init })
  const json = { 'content-type': 'application/json' }

  test.each([
    ['a body that is too large', { body: `{"county":"${'x'.repeat(70_000)}"}`, headers: json }, 413, 'body_too_large'],
    ['a body in another form', { body: 'county: Nairobi', headers: { 'content-type': 'text/yaml' } }, 415, 'unsupported_media_type'],
    ['a body that is not JSON', { body: '{"county":', headers: json }, 400, 'malformed_json'],
    ['no body where one is needed', {}, 422, 'invalid_input'],
  ])('%s has a code of its own', async (_, init, status, code) => {
    const answer = await quote(init)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code])
  })

  test('a platform may probe by address, and nothing else is reached that way', async () => {
    const by = async (host: string, path: string, method = 'GET'): Promise<number> =>
      (await shop.app.handle(new Request(`http://${host}${path}`, { method, headers: { host } })))?.status ?? 0
    expect(await by('10.1.2.3:3000', '/healthz')).toBe(200)
    expect(await by('[fd00::7]:3000', '/readyz')).toBe(503)
    for (const [host, path, method] of [
      ['10.1.2.3:3000', '/api/v1/products'],
      ['10.1.2.3:3000', '/healthz?/api/v1/products'],
      ['10.1.2.3:3000', '/healthz/../api/v1/products'],
      ['10.1.2.3:3000', '/healthz', 'POST'],
      ['evil.example.net', '/healthz'],
      ['x', '/healthz'],
    ] as const) {
      expect([host, path, await by(host, path, method)]).toEqual([host, path, 421])
    }
  })
})

describe('a database error in production', () => {
  let live: TestShop
  beforeAll(async () => {
    live = await openShop({
      environment: {
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://shop.rahim.co.ke',
        ALLOWED_HOSTS: '127.0.0.1',
        APP_SECRET: 'hV3k9Qz7Lw2Tn8Rb4Xc6Ym1Jf5Gd0PsAeUi',
        DATABASE_URL: 'postgres://unused@127.0.0.1:1/unused',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    })
  })
  afterAll(() => live.close())

  test('tells the client a code and a request id, and nothing of the statement or its parameters', async () => {
    // Sessions are gone, so the query behind every bearer token fails inside the database with the token's hash as parameter.
    await live.database.db.execute(sql`alter table sessions rename to sessions_gone`)
    const answer = await live.fetch('/api/v1/me', { headers: { authorization: 'Bearer canary-token-0123456789abcdef' } })
    const text = await answer.text()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(['code', 'detail', 'requestId', 'status', 'title', 'type'])
    expect(text).not.toMatch(/select|sessions|relation|token_hash|canary|params|\$1|stack| at /i)
    expect(answer.headers.get('x-request-id')).toBe((JSON.parse(text) as { requestId: string }).requestId)
  })
})

function isProbe({ path }: Route): boolean {
  return path === '/healthz' || path === '/readyz' || path === '/metrics'
}

/** A body as the document shows it, else one made of its required members. */
function exampleOf(operation: Operation | undefined): unknown {
  const content = (operation?.requestBody?.['content'] ?? {}) as Record<string, { schema?: { examples?: unknown[] } }>
  return content['application/json']?.schema?.examples?.[0] ?? { any: 'thing' }
}
