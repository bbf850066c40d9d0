import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { codeOf } from '../accounts/account-person.ts'
import { makePerson, testPassword } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { ownPath } from '../../src/web/form-values.ts'

let shop: TestShop
let cookie = ''
let token = ''
beforeAll(async () => {
  shop = await openShop({ environment: { CORS_ORIGINS: 'https://app.rahim.co.ke' } })
  const { email } = await makePerson(shop.context)
  const answer = await shop.post('/api/v1/auth/login', { login: email, password: testPassword })
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  token = ((await answer.json()) as { token: string }).token
})
afterAll(() => shop.close())

const change = (headers: Record<string, string>) =>
  shop.fetch('/api/v1/me', { method: 'PATCH', body: '{"name":"Mary"}', headers: { 'content-type': 'application/json', ...headers } })

describe('a cookie that comes along with a request', () => {
  test.each([
    ['another site, by Fetch Metadata', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling of the same site', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin it will name', { origin: 'null' }],
    ['a listed origin, which brings tokens and no cookies', { origin: 'https://app.rahim.co.ke' }],
    ['who knows where', {}],
  ])('changes nothing when the request is from %s', async (_what, headers) => {
    expect(await codeOf(await change({ cookie, ...headers }))).toBe('403 cross_site')
  })

  test.each([
    ['our own page, by Fetch Metadata', { 'sec-fetch-site': 'same-origin' }],
    ['our own page, by Origin', { origin: 'ORIGIN' }],
  ])('is taken from %s', async (_what, headers) => {
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('ORIGIN', shop.origin)]))
    expect((await change({ cookie, ...own })).status).toBe(200)
  })

  test('is taken from a browser that names no origin, with a token of this very session', async () => {
    const fresh = (await (await shop.fetch('/api/v1/auth/csrf', { headers: { cookie } })).json()) as { token: string }
    expect((await change({ cookie, 'x-csrf-token': fresh.token })).status).toBe(200)
    const { email } = await makePerson(shop.context)
    const other = await shop.post('/api/v1/auth/login', { login: email, password: testPassword })
    const otherCookie = other.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(await codeOf(await change({ cookie: otherCookie, 'x-csrf-token': fresh.token }))).toBe('403 cross_site')
    expect(await codeOf(await change({ cookie, 'x-csrf-token': 'made-up' }))).toBe('403 cross_site')
  })

  test('is not asked of a program that brings its token', async () => {
    expect((await change({ authorization: `Bearer ${token}` })).status).toBe(200)
  })

  test('never lets a GET change anything: every unsafe route is refused across sites', async () => {
    const unsafe = shop.app.routes.filter(
      ({ method, path }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && path.startsWith('/api/'),
    )
    const wrong: string[] = []
    for (const { method, path } of unsafe) {
      const answer = await shop.fetch(path.replace(/:\w+/g, 'x'), { method, headers: { cookie, 'sec-fetch-site': 'cross-site' } })
      if ((await codeOf(answer)) !== '403 cross_site') wrong.push(`${method} ${path}`)
    }
    expect(unsafe.length).toBeGreaterThan(40)
    expect(wrong).toEqual([])
  })
})

describe('scripts of other origins', () => {
  test('of the list may call the API with a token, and are never offered cookies', async () => {
    const origin = 'https://app.rahim.co.ke'
    const preflight = await shop.fetch('/api/v1/me', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PATCH' } })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(preflight.headers.has('access-control-allow-credentials')).toBe(false)
    const answer = await change({ authorization: `Bearer ${token}`, origin })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin])
    expect(answer.headers.get('vary')).toContain('origin')
  })

  test('outside the list hear nothing, pages are for nobody else', async () => {
    const foreign = await shop.fetch('/api/v1/categories', { headers: { origin: 'https://evil.example' } })
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false)
    const page = await shop.fetch('/', { headers: { origin: 'https://app.rahim.co.ke', accept: 'text/html' } })
    expect(page.headers.has('access-control-allow-origin')).toBe(false)
  })
})

describe('the headers of every answer', () => {
  const answers = async (): Promise<Record<string, Response>> => ({
    page: await shop.fetch('/', { headers: { accept: 'text/html' } }),
    api: await shop.fetch('/api/v1/categories'),
    refusal: await shop.fetch('/api/v1/me'),
    nothing: await shop.fetch('/no/such/place', { headers: { accept: 'text/html' } }),
    wrongHost: await shop.fetch('/', { headers: { host: 'evil.example' } }),
    probe: await shop.fetch('/healthz'),
  })

  test('let nobody frame, sniff, or run what we did not send', async () => {
    for (const [name, answer] of Object.entries(await answers())) {
      const header = (key: string): string => answer.headers.get(key) ?? ''
      expect([name, header('x-content-type-options')]).toEqual([name, 'nosniff'])
      expect([name, header('content-security-policy')]).toEqual([name, expect.stringContaining("frame-ancestors 'none'")])
      expect([name, header('content-security-policy')]).toEqual([name, expect.not.stringContaining('unsafe-inline')])
      expect([name, header('permissions-policy')]).toEqual([name, expect.stringContaining('geolocation=()')])
      expect([name, header('cross-origin-opener-policy')]).toEqual([name, 'same-origin'])
      expect([name, header('cross-origin-resource-policy')]).toEqual([name, 'same-origin'])
      expect([name, header('x-request-id').length > 7]).toEqual([name, true])
      expect([name, answer.headers.has('server') || answer.headers.has('x-powered-by')]).toEqual([name, false])
    }
  })

  test('keep what is somebody’s out of every cache, and tokens out of every Referer', async () => {
    const me = await shop.fetch('/api/v1/me', { headers: { authorization: `Bearer ${token}` } })
    expect(me.headers.get('cache-control')).toContain('no-store')
    const linked = await shop.fetch('/pay/some-token', { headers: { accept: 'text/html' } })
    expect(linked.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('in production: HTTPS for two years, and cookies bound to the host', async () => {
    const live = await openShop({
      environment: {
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://shop.rahim.co.ke',
        ALLOWED_HOSTS: '127.0.0.1',
        APP_SECRET: 'hV3k9Qz7Lw2Tn8Rb4Xc6Ym1Jf5Gd0PsAeUi',
        DATABASE_URL: 'postgres://unused@127.0.0.1:1/unused',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    })
    const { email } = await makePerson(live.context)
    const answer = await live.post('/api/v1/auth/login', { login: email, password: testPassword })
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains')
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-sid=[\w-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
    await live.close()
  })
})

test.each([
  ['//evil.example', undefined],
  ['/\\evil.example', undefined],
  ['https://evil.example', undefined],
  ['javascript:alert(1)', undefined],
  ['/account\r\nset-cookie: a=b', undefined],
  ['/%09/evil.example', '/%09/evil.example'],
  ['/orders/RAH-7K2M9QXB?paid=1', '/orders/RAH-7K2M9QXB?paid=1'],
])('after signing in %p leads to %p', (next, path) => expect(ownPath(next)).toBe(path as string))
