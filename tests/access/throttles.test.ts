import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { minutes } from '../../src/lib/time.ts'
import { createLog } from '../../src/platform/log.ts'
import { addressKey } from '../../src/platform/http/toll.ts'
import { createRedis } from '../../src/platform/redis.ts'
import { createBackoffGuard, waitAfter } from '../../src/platform/throttle/backoff-guard.ts'
import { createThrottle } from '../../src/platform/throttle/throttle.ts'
import { testRedisUrl } from '../support/database.ts'
import { makePerson, testPassword } from '../support/factories.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const log = createLog('silent')
const noRedis = 'redis://127.0.0.1:1'
// Each run counts under names of its own: the Redis of the tests outlives a run.
const run = crypto.randomUUID()
const limit = (most: number) => ({ name: `test-${run}`, most, windowMs: minutes(1) })

describe('a limit', () => {
  test('holds over two processes that share a Redis', async () => {
    const clients = [createRedis(await testRedisUrl(), log), createRedis(await testRedisUrl(), log)]
    const [one, two] = clients.map((redis) => createThrottle({ redis, clock: fakeClock(), log }))
    while (!(await clients[0]?.healthy()) || !(await clients[1]?.healthy())) await Bun.sleep(5)
    const answers = []
    for (let request = 0; request < 12; request++)
      answers.push((await (request % 2 === 0 ? one : two)?.take(limit(10), 'shared'))?.isWithin)
    expect(answers).toEqual([...Array<boolean>(10).fill(true), false, false])
    await Promise.all(clients.map((client) => client.close()))
  })

  test('holds without Redis, and begins anew when its window has ended', async () => {
    const clock = fakeClock()
    const redis = createRedis(noRedis, log)
    const throttle = createThrottle({ redis, clock, log })
    for (let request = 0; request < 10; request++) expect((await throttle.take(limit(10), 'alone')).isWithin).toBe(true)
    expect(await throttle.take(limit(10), 'alone')).toMatchObject({ isWithin: false, remaining: 0, resetMs: minutes(1) })
    clock.advance(minutes(1) - 1)
    expect((await throttle.take(limit(10), 'alone')).isWithin).toBe(false)
    clock.advance(1)
    expect((await throttle.take(limit(10), 'alone')).isWithin).toBe(true)
    await redis.close()
  })

  test('goes on from what Redis said last when Redis goes away: it never opens', async () => {
    const redis = createRedis(await testRedisUrl(), log)
    while (!(await redis.healthy())) await Bun.sleep(5)
    const throttle = createThrottle({ redis, clock: fakeClock(), log })
    for (let request = 0; request < 9; request++) await throttle.take(limit(10), 'outage')
    redis.command.disconnect()
    expect((await throttle.take(limit(10), 'outage')).isWithin).toBe(true)
    expect((await throttle.take(limit(10), 'outage')).isWithin).toBe(false)
    await redis.close()
  })

  test('a thing that is good once is refused the second time, in the other process too, and without Redis', async () => {
    const redis = createRedis(await testRedisUrl(), log)
    while (!(await redis.healthy())) await Bun.sleep(5)
    const [one, two] = [1, 2].map(() => createThrottle({ redis, clock: fakeClock(), log }))
    expect([await one?.once(`sig-${run}`, 60_000), await two?.once(`sig-${run}`, 60_000), await one?.once(`sig-${run}`, 60_000)]).toEqual([
      true,
      false,
      false,
    ])
    await redis.close()
    const away = createRedis(noRedis, log)
    const alone = createThrottle({ redis: away, clock: fakeClock(), log })
    expect([await alone.once('x', 60_000), await alone.once('x', 60_000)]).toEqual([true, false])
    await away.close()
  })
})

describe('failures', () => {
  test('cost nothing five times, then from a second doubling to a quarter of an hour', () => {
    expect([0, 4, 5, 6, 7, 10, 30].map(waitAfter)).toEqual([0, 0, 1_000, 2_000, 4_000, 32_000, minutes(15)])
  })

  test('are forgotten by a success, and by time', async () => {
    const clock = fakeClock()
    const redis = createRedis(noRedis, log)
    const guard = createBackoffGuard({ redis, clock })
    for (let failure = 0; failure < 8; failure++) await guard.fail('amina')
    expect(await guard.waitMs('amina')).toBe(8_000)
    clock.advance(8_000)
    expect(await guard.waitMs('amina')).toBe(0)
    clock.advance(minutes(16))
    await guard.fail('amina')
    expect(await guard.waitMs('amina')).toBe(0)
    for (let failure = 0; failure < 8; failure++) await guard.fail('wanja')
    await guard.clear('wanja')
    expect(await guard.waitMs('wanja')).toBe(0)
    await redis.close()
  })
})

test('a whole IPv6 network is one sender, and a mapped address is its IPv4 one', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:0db8:0001:0002::9'))
  expect(addressKey('2001:db8:1:3::1')).not.toBe(addressKey('2001:db8:1:2::1'))
  expect(addressKey('::ffff:203.0.113.7')).toBe(addressKey('203.0.113.7'))
})

describe('the shop', () => {
  let shop: TestShop
  let clock: FakeClock
  let next = 0
  const address = (): string => `203.${process.pid % 250}.${Math.floor(Math.random() * 250)}.${++next}`
  const ask = async (path: string, from: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await shop.app.handle(new Request(`${shop.origin}${path}`, init), from)
    if (answer === undefined) throw new Error('became a socket')
    return answer
  }
  const post = (path: string, from: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, from, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
  const statuses = async (count: number, send: () => Promise<Response>): Promise<Record<number, number>> => {
    const seen: Record<number, number> = {}
    for (let request = 0; request < count; request++) {
      const { status } = await send()
      seen[status] = (seen[status] ?? 0) + 1
    }
    return seen
  }

  beforeAll(async () => {
    clock = fakeClock()
    shop = await openShop({ environment: { THROTTLES: 'on', TRUSTED_PROXIES: '0' }, overrides: { clock } })
  })
  afterAll(() => shop.close())

  test('answers an anonymous address 60 times a minute, then 429 with the time to wait', async () => {
    const from = address()
    expect(await statuses(61, () => ask('/api/v1/categories', from))).toEqual({ 200: 60, 429: 1 })
    const refused = await ask('/api/v1/categories', from)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit-limit')).toBe('60')
    expect(refused.headers.get('ratelimit-remaining')).toBe('0')
    expect(refused.headers.get('ratelimit-policy')).toBe('60;w=60')
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests', status: 429 })
    expect((await ask('/api/v1/categories', address())).status).toBe(200)
  })

  test('answers somebody signed in 120 times a minute, from wherever they are', async () => {
    const { email } = await makePerson(shop.context)
    const { token } = (await (await post('/api/v1/auth/login', address(), { login: email, password: testPassword })).json()) as {
      token: string
    }
    const headers = { authorization: `Bearer ${token}` }
    // The first is still counted by its address: only then is the token known to be good.
    expect((await ask('/api/v1/me', address(), { headers })).status).toBe(200)
    expect(await statuses(121, () => ask('/api/v1/me', address(), { headers }))).toEqual({ 200: 120, 429: 1 })
  })

  test('is not fooled by made-up tokens: they count by address', async () => {
    const from = address()
    const seen = await statuses(61, () => ask('/api/v1/me', from, { headers: { authorization: `Bearer ${crypto.randomUUID()}` } }))
    expect(seen).toEqual({ 401: 60, 429: 1 })
  })

  test('believes no X-Forwarded-For without trusted proxies, and with one only its own entry', async () => {
    const from = address()
    const spoof = () => ask('/api/v1/categories', from, { headers: { 'x-forwarded-for': address() } })
    expect(await statuses(61, spoof)).toEqual({ 200: 60, 429: 1 })
    const behind = await openShop({ environment: { THROTTLES: 'on', TRUSTED_PROXIES: '1' }, overrides: { clock }, beside: shop })
    const [proxy, client] = [address(), address()]
    const send = (forwarded: string) =>
      behind.app.handle(new Request(`${behind.origin}/api/v1/categories`, { headers: { 'x-forwarded-for': forwarded } }), proxy)
    for (let request = 0; request < 60; request++) expect((await send(`${address()}, ${client}`))?.status).toBe(200)
    expect((await send(`${address()}, ${client}`))?.status).toBe(429)
    expect((await send(`${client}, ${address()}`))?.status).toBe(200)
    await behind.close()
  })

  test('lets an address try twenty sign-ins a minute, each for somebody else', async () => {
    const from = address()
    const seen = await statuses(21, () =>
      post('/api/v1/auth/login', from, { login: `${crypto.randomUUID()}@example.co.ke`, password: 'x' }),
    )
    expect(seen).toEqual({ 401: 20, 429: 1 })
  }, 60_000)

  test('lets a login be sent three links an hour, known or not, and an address ask for ten', async () => {
    const { email } = await makePerson(shop.context)
    for (const login of [email, `${crypto.randomUUID()}@example.co.ke`])
      expect(await statuses(4, () => post('/api/v1/auth/password/forgot', address(), { login }))).toEqual({ 202: 3, 429: 1 })
    const from = address()
    const seen = await statuses(11, () => post('/api/v1/auth/password/forgot', from, { login: `${crypto.randomUUID()}@example.co.ke` }))
    expect(seen).toEqual({ 202: 10, 429: 1 })
  })

  test('lets an address place ten orders a minute and press for six prompts', async () => {
    const from = address()
    expect(await statuses(11, () => post('/api/v1/checkout', from, {}))).toMatchObject({ 429: 1 })
    const other = address()
    expect(await statuses(7, () => post('/api/v1/orders/RAH-7K2M9QXB/pay', other, { method: 'mpesa' }))).toMatchObject({ 429: 1 })
  })

  test('counts messages of providers only when their signature is wrong', async () => {
    const from = address()
    const forged = () =>
      ask('/webhooks/paystack', from, { method: 'POST', body: '{}', headers: { 'x-paystack-signature': 'ab'.repeat(64) } })
    expect(await statuses(301, forged)).toEqual({ 401: 300, 429: 1 })
  })

  test('never holds probes and files back', async () => {
    const from = address()
    for (const path of ['/healthz', '/favicon.svg']) expect(await statuses(130, () => ask(path, from))).toEqual({ 200: 130 })
  })

  test('begins anew after a minute', async () => {
    const alone = await openShop({ environment: { THROTTLES: 'on' }, overrides: { clock }, beside: shop })
    alone.context.redis.command.disconnect()
    const send = () => alone.app.handle(new Request(`${alone.origin}/api/v1/categories`), '198.51.100.9') as Promise<Response>
    expect(await statuses(61, send)).toEqual({ 200: 60, 429: 1 })
    clock.advance(minutes(1))
    expect((await send()).status).toBe(200)
    await alone.close()
  })
})
