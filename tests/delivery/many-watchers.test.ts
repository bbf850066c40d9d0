import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { freePort } from '../../src/platform/embedded-server.ts'
import { socketUrl, trackDelivery, type TrackingClient } from '../../src/web/enhance/tracking-client.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { type ShopProcess, startShopProcess, until } from '../support/shop-process.ts'
import { bring, type Crew, crew, packed } from './delivery-story.ts'

/**
 * Two processes of the shop and a Redis, all real, that are killed and restarted under a thousand riders and two thousand watchers.
 * Needs a redis-server of its own to kill; a machine without one proves the same over fewer sockets in the other tests here.
 */
const deliveries = Number(process.env['MANY'] ?? 1_000)
const perDriver = 5
const moving = deliveries / 5
// A client tries again within this share of its back-off, so that the test need not wait as long as a crowd should.
const jitter = (): number => Math.random() * 0.2

interface Delivery {
  readonly id: string
  readonly driver: number
}
interface Watcher {
  readonly client: TrackingClient
  readonly delivery: number
  readonly events: number[]
  status: string
  lastTs: number
  ts: number[]
  missed: number
}

let shop: TestShop
let people: Crew
let redis: Bun.Subprocess | undefined
let redisPort: number
let ports: [number, number]
const processes: ShopProcess[] = []
let all: Delivery[]
let startedAt: number
const watchers: Watcher[] = []
const drivers: TrackingClient[] = []
const sent: number[] = []
const steps: number[] = []

const startRedis = (): Bun.Subprocess =>
  Bun.spawn(['redis-server', '--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdout: 'ignore',
    stderr: 'ignore',
  })
const startProcess = (which: 0 | 1): Promise<ShopProcess> =>
  startShopProcess({
    port: ports[which],
    databaseUrl: shop.database.url,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    environment: { SOCKETS_PER_ADDRESS: '100000', POSITION_INTERVAL_MS: '200', SHUTDOWN_MS: '5000' },
  })
const token = (kind: string, index: number): string => `${kind}-token-of-many-${index}`
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

describe.if(Bun.which('redis-server') !== null)('a thousand deliveries, two thousand watchers, two processes', () => {
  beforeAll(async () => {
    shop = await openShop()
    people = await crew(shop)
    all = await manyDeliveries()
    redisPort = await freePort()
    redis = startRedis()
    ports = [await freePort(), await freePort()]
    processes.push(await startProcess(0), await startProcess(1))
  }, 120_000)
  afterAll(async () => {
    for (const { client } of watchers) client.close()
    for (const client of drivers) client.close()
    await Promise.all(processes.map((each) => each.kill()))
    redis?.kill(9)
    await redis?.exited
    await shop.close()
  }, 60_000)

  test('everybody is let in and told the present', async () => {
    for (let from = 0; from < deliveries; from += 100) {
      for (let index = from; index < from + 100; index++) {
        // One watcher on each process, and the rider on either.
        for (const which of [0, 1] as const) watchers.push(watch(index, which))
        drivers.push(ride(index, index % 2 === 0 ? 0 : 1))
      }
      await until(async () => watchers.every(({ status }) => status !== ''), 'a hundred deliveries to be watched')
    }
    startedAt = Date.now()
  }, 120_000)

  test('every watcher ends on the last position that was taken', async () => {
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < deliveries; index++) sendFix(index)
      await Bun.sleep(50)
    }
    await converged()
  }, 120_000)

  test('and so they do when Redis is killed meanwhile and comes back', async () => {
    redis?.kill(9)
    await redis?.exited
    for (let index = 0; index < deliveries; index++) sendFix(index)
    await Promise.all([moveAll('arrive'), everythingTaken()])
    redis = startRedis()
    await converged()
    await eventsTold(5)
  }, 120_000)

  test('when a process is killed with everybody on it', async () => {
    const killed = processes[0]?.kill()
    for (let index = 0; index < deliveries; index++) sendFix(index)
    await killed
    await moveAll('depart', 1)
    processes[0] = await startProcess(0)
    await everythingTaken()
    // What the killed process had taken and not told yet is told by the next position, as riders send it.
    for (let index = 0; index < deliveries; index++) sendFix(index)
    await converged()
    await eventsTold(6)
  }, 120_000)

  test('and through a rolling restart', async () => {
    for (const which of [0, 1] as const) {
      const stopped = processes[which]?.stop()
      for (let index = 0; index < deliveries; index++) sendFix(index)
      expect(await stopped).toBe(0)
      const [started] = await Promise.all([startProcess(which), moveAll(which === 0 ? 'arrive' : 'depart', which === 0 ? 1 : 0)])
      processes[which] = started
    }
    await everythingTaken()
    for (let index = 0; index < deliveries; index++) sendFix(index)
    await converged()
    await eventsTold(8)
  }, 180_000)

  test('every status event came once and in order to everybody, and no position ever moved back', () => {
    for (const { delivery, events, ts, missed } of watchers) {
      expect(missed).toBe(0)
      expect(events).toEqual(delivery < moving ? [5, 6, 7, 8] : [])
      expect(ts.every((each, index) => index === 0 || each > (ts[index - 1] ?? 0))).toBe(true)
    }
    expect(startedAt).toBeGreaterThan(0)
  })
})

function watch(index: number, which: 0 | 1): Watcher {
  const watcher: Watcher = {
    client: trackDelivery({
      url: socketUrl(`/ws/delivery/track/${all[index]?.id}?token=${token('link', index)}`, `http://127.0.0.1:${ports[which]}`),
      random: jitter,
      state: ({ status }) => (watcher.status = status),
      event: ({ o }) => watcher.events.push(o),
      position({ ts }) {
        watcher.lastTs = ts
        watcher.ts.push(ts)
      },
      missed: () => (watcher.missed += 1),
    }),
    delivery: index,
    events: [],
    status: '',
    lastTs: 0,
    ts: [],
    missed: 0,
  }
  return watcher
}

const ride = (index: number, which: 0 | 1): TrackingClient =>
  trackDelivery({
    url: socketUrl(`/ws/delivery/track/${all[index]?.id}`, `http://127.0.0.1:${ports[which]}`),
    headers: { authorization: `Bearer ${token('driver', all[index]?.driver ?? 0)}` },
    random: jitter,
  })

/** A fix eleven metres on from the last one, at the time it is sent: far enough to be told, and no jump. */
function sendFix(index: number): void {
  const ts = Math.max(Date.now(), (sent[index] ?? 0) + 1)
  sent[index] = ts
  const step = (steps[index] = (steps[index] ?? 0) + 1)
  drivers[index]?.sendPosition({ lat: -1.3 + step * 0.0001, lng: 36.8, acc: 8, ts })
}

const everythingTaken = (): Promise<void> =>
  until(async () => drivers.every((each) => each.unsent() === 0), 'every fix to be acknowledged', 90_000)

async function converged(): Promise<void> {
  await everythingTaken()
  try {
    await until(
      async () => watchers.every(({ delivery, lastTs }) => lastTs === sent[delivery]),
      'every watcher to see the last position',
      60_000,
    )
  } catch (error) {
    const behind = watchers.filter(({ delivery, lastTs }) => lastTs !== sent[delivery])
    throw new Error(
      `${behind.length} watchers are behind, the first by ${(sent[behind[0]?.delivery ?? 0] ?? 0) - (behind[0]?.lastTs ?? 0)} ms`,
      { cause: error },
    )
  }
}

const eventsTold = (last: number): Promise<void> =>
  until(
    async () => watchers.every(({ delivery, events }) => delivery >= moving || events.at(-1) === last),
    `event ${last} to be told`,
    60_000,
  )

/** Moves the first deliveries by their riders' own calls. */
async function moveAll(verb: 'arrive' | 'depart', which: 0 | 1 = 1): Promise<void> {
  const indices = Array.from({ length: moving }, (_, index) => index)
  const lane = async (): Promise<void> => {
    for (let index = indices.pop(); index !== undefined; index = indices.pop()) {
      const call = () =>
        fetch(`${processes[which]?.origin}/api/v1/deliveries/${all[index]?.id}/${verb}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token('driver', all[index]?.driver ?? 0)}` },
        })
      let answer = await call()
      // "The shop is very busy. Try again in a moment."
      while (answer.status === 503) answer = await Bun.sleep(200).then(call)
      if (answer.status !== 200) throw new Error(`${verb}: ${answer.status} ${await answer.text()}`)
    }
  }
  await Promise.all(Array.from({ length: 4 }, lane))
}

/** A thousand copies of one delivery that a rider has brought on its way through the API, each with a rider and a link of its own. */
async function manyDeliveries(): Promise<Delivery[]> {
  const { sql } = shop.database
  const story = await packed(shop, people.staff)
  await bring(story, people.rider, 'en_route')
  const riderId = people.rider.accountId
  const driverIds = Array.from({ length: deliveries / perDriver }, () => crypto.randomUUID())
  const copies = Array.from({ length: deliveries }, (_, index) => ({
    index,
    id: crypto.randomUUID(),
    orderId: crypto.randomUUID(),
    cartId: crypto.randomUUID(),
    driver: Math.floor(index / perDriver),
    driverId: driverIds[Math.floor(index / perDriver)],
    number: `RAH-MANY${String(index)
      .padStart(4, '0')
      .replace(/[01]/g, (digit) => (digit === '0' ? 'X' : 'Y'))}`,
    tokenHash: hashOf(token('link', index)),
  }))
  const riders = driverIds.map((id, index) => ({
    id,
    session: crypto.randomUUID(),
    email: `many-${index}@example.co.ke`,
    phone: `2547${String(90_000_000 + index)}`,
    tokenHash: hashOf(token('driver', index)),
  }))
  await sql`
    insert into accounts select (jsonb_populate_record(null::accounts, to_jsonb(a) || jsonb_build_object('id', r.id, 'email', r.email, 'phone', r.phone))).*
    from jsonb_to_recordset(${JSON.stringify(riders)}::text::jsonb) as r(id uuid, email text, phone text), accounts a where a.id = ${riderId}`
  await sql`
    insert into drivers select (jsonb_populate_record(null::drivers, to_jsonb(d) || jsonb_build_object('account_id', r.id))).*
    from jsonb_to_recordset(${JSON.stringify(riders)}::text::jsonb) as r(id uuid), drivers d where d.account_id = ${riderId}`
  await sql`
    insert into sessions select (jsonb_populate_record(null::sessions, to_jsonb(s) || jsonb_build_object('id', r.session, 'account_id', r.id, 'token_hash', r."tokenHash"))).*
    from jsonb_to_recordset(${JSON.stringify(riders)}::text::jsonb) as r(id uuid, session uuid, "tokenHash" text), sessions s where s.id = (select id from sessions where account_id = ${riderId} limit 1)`
  const list = JSON.stringify(copies)
  await sql`
    insert into carts (id, status) select c."cartId", 'ordered' from jsonb_to_recordset(${list}::text::jsonb) as c("cartId" uuid)`
  await sql`
    insert into orders select (jsonb_populate_record(null::orders, to_jsonb(o) || jsonb_build_object('id', c."orderId", 'number', c.number, 'token_hash', c."tokenHash", 'cart_id', c."cartId"))).*
    from jsonb_to_recordset(${list}::text::jsonb) as c("orderId" uuid, "cartId" uuid, number text, "tokenHash" text), orders o where o.id = ${story.order.id}`
  await sql`
    insert into deliveries overriding system value
    select (jsonb_populate_record(null::deliveries, to_jsonb(d) || jsonb_build_object('id', c.id, 'order_id', c."orderId", 'driver_id', c."driverId", 'number', 100000 + c.index))).*
    from jsonb_to_recordset(${list}::text::jsonb) as c(index int, id uuid, "orderId" uuid, "driverId" uuid), deliveries d where d.id = ${story.id}`
  await sql`
    insert into delivery_events select (jsonb_populate_record(null::delivery_events, to_jsonb(e) || jsonb_build_object('id', gen_random_uuid(), 'delivery_id', c.id))).*
    from jsonb_to_recordset(${list}::text::jsonb) as c(id uuid), delivery_events e where e.delivery_id = ${story.id}`
  return copies.map(({ id, driver }) => ({ id, driver }))
}
