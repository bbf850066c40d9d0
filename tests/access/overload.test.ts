import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createLoadGate } from '../../src/platform/http/load-gate.ts'
import { type Priority, trafficOf } from '../../src/platform/http/traffic.table.ts'
import { Refusal } from '../../src/lib/refusal.ts'
import { codeOf } from '../accounts/account-person.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const priorities: readonly Priority[] = [1, 2, 3, 4, 5]

/** Which classes still come in. */
const welcome = (gate: ReturnType<typeof createLoadGate>): Priority[] =>
  priorities.filter((priority) => {
    try {
      gate.enter(priority)()
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  })

describe('when there are too many requests', () => {
  test('the least important are told to come back first, and money keeps a fifth of the places', () => {
    const gate = createLoadGate({ places: 10, lagLimitMs: 0, lagMs: () => 0 })
    const seen: Priority[][] = []
    const leave: (() => void)[] = []
    for (let inFlight = 0; inFlight < 10; inFlight++) {
      seen.push(welcome(gate))
      leave.push(gate.enter(1))
    }
    expect(seen).toEqual([...Array.from({ length: 5 }, () => [1, 2, 3, 4, 5] as Priority[]), [1, 2, 3, 4], [1, 2, 3], [1, 2], [1], [1]])
    expect(welcome(gate)).toEqual([])
    leave.pop()?.()
    expect(welcome(gate)).toEqual([1])
    expect(gate.inFlight).toBe(9)
  })

  test('a place is given back once, however often it is said', () => {
    const gate = createLoadGate({ places: 10, lagLimitMs: 0, lagMs: () => 0 })
    const leave = gate.enter(1)
    leave()
    leave()
    expect(gate.inFlight).toBe(0)
  })

  test('a late event loop sheds from the bottom, and never orders and money', () => {
    let lag = 0
    const gate = createLoadGate({ places: 100, lagLimitMs: 100, lagMs: () => lag })
    const at = (ms: number): Priority[] => {
      lag = ms
      return welcome(gate)
    }
    expect([at(100), at(101), at(201), at(401), at(60_000)]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4],
      [1, 2, 3],
      [1, 2],
      [1, 2],
    ])
  })

  test.each([
    ['GET', '/healthz', 1],
    ['POST', '/webhooks/mpesa/abc', 1],
    ['POST', '/api/v1/orders/RAH-7K2M9QXB/pay', 1],
    ['POST', '/api/v1/checkout', 2],
    ['POST', '/api/v1/deliveries/x/positions', 2],
    ['POST', '/api/v1/auth/login', 3],
    ['GET', '/api/v1/cart', 3],
    ['GET', '/api/v1/products', 4],
    ['GET', '/p/kanga', 4],
    ['GET', '/search', 5],
    ['GET', '/api/v1/admin/transactions', 5],
  ] as [string, string, Priority][])('%s %s is of class %d', (method, path, priority) => {
    expect(trafficOf(method, path).priority).toBe(priority)
  })
})

describe('the shop under overload', () => {
  let shop: TestShop
  beforeAll(async () => {
    shop = await openShop({ environment: { MAX_IN_FLIGHT: '10' } })
  })
  afterAll(() => shop.close())

  test('answers 503 with a time to come back, keeps probes and messages of providers going, and recovers at once', async () => {
    const { promise: release, resolve: let_go } = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = shop.database.sql.begin(async (tx) => {
      await tx`lock table categories in access exclusive mode`
      locked.resolve()
      await release
    })
    await locked.promise
    // Six of ten places may be taken by people who look at goods.
    const waiting = Array.from({ length: 6 }, () => shop.fetch('/api/v1/categories'))
    const refused = await shop.fetch('/api/v1/categories')
    expect(await codeOf(refused.clone())).toBe('503 overloaded')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await codeOf(await shop.fetch('/api/v1/admin/transactions'))).toBe('503 overloaded')
    expect((await shop.fetch('/healthz')).status).toBe(200)
    expect((await shop.fetch('/webhooks/paystack', { method: 'POST', body: '{}' })).status).toBe(401)
    expect((await shop.fetch('/api/v1/cart')).status).toBe(200)
    let_go()
    await holding
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    expect((await shop.fetch('/api/v1/categories')).status).toBe(200)
  })
})
