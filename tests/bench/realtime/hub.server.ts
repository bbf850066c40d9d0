/** Ours: the shop's hub, with or without a Redis behind it. */
import type { PositionFacts } from '../../../src/domain/delivery/delivery.facts.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/platform/log.ts'
import type { Connection } from '../../../src/platform/realtime/connection.ts'
import { Hub } from '../../../src/platform/realtime/hub.ts'
import type { Present, Source, Visit, Voice, Watch } from '../../../src/platform/realtime/watch.ts'
import { createRedis } from '../../../src/platform/redis.ts'
import { frameOf, reportSelf, takePosition, welcome } from './position.work.ts'

const log = createLog('error')
// Without one the hub goes on alone, as it does in the shop.
const redisUrl = process.env['BENCH_REDIS_URL']
const redis = createRedis(redisUrl ?? 'redis://127.0.0.1:1', createLog('silent'))
if (redisUrl === undefined) for (const client of [redis.command, redis.publisher, redis.subscriber]) client.disconnect()
const hub = new Hub({
  redis,
  log,
  clock: systemClock,
  caps: { perUser: 100_000, perAddress: 100_000, total: 100_000 },
  inbound: { perSecond: 1_000_000, burst: 1_000_000, strikes: 3 },
})

const last = new Map<string, number>()
const presentOf = (channel: string): Present => {
  const version = last.get(channel)
  const facts: PositionFacts = {
    deliveryId: '',
    lat: -1.3,
    lng: 36.8,
    accuracyM: null,
    speedMps: null,
    headingDeg: null,
    ts: version ?? 0,
    state: 'en_route',
  }
  return {
    version: 1,
    events: [],
    isComplete: true,
    position: version === undefined ? undefined : { lane: 'position', version, facts },
    facts: {},
    end: undefined,
  }
}
const source: Source = {
  read: async (wants) => wants.map(({ channel }) => presentOf(channel)),
  check: async (watches) => watches.map(() => undefined),
}
const voice: Voice = { name: 'old', say: ({ facts }) => [frameOf(facts as PositionFacts)] }

class BenchWatch implements Watch {
  readonly channel: string
  readonly source = source
  readonly voice = voice
  readonly since = undefined
  readonly isOneOfMany: boolean
  constructor(channel: string, isOneOfMany: boolean) {
    this.channel = channel
    this.isOneOfMany = isOneOfMany
  }
  greet(): string[] {
    return [welcome]
  }
  over(): undefined {
    return undefined
  }
}

class BenchVisit implements Visit {
  readonly userId = undefined
  readonly protocol = undefined
  readonly address: string
  readonly watches: readonly Watch[]
  readonly #driven: string | undefined
  constructor(address: string, channels: readonly string[], isDriver: boolean) {
    this.address = address
    this.#driven = isDriver ? channels[0] : undefined
    this.watches = isDriver ? [] : channels.map((channel) => new BenchWatch(channel, channels.length > 1))
  }
  hello(): string | undefined {
    return this.#driven === undefined ? undefined : welcome
  }
  receive(_: Connection, text: string | undefined): void {
    const facts = text === undefined ? undefined : takePosition(text)
    if (facts === undefined || this.#driven === undefined) return
    last.set(this.#driven, facts.ts)
    hub.publish(this.#driven, { lane: 'position', version: facts.ts, facts })
  }
  refuse(): void {}
}

const server = Bun.serve<Connection>({
  port: 0,
  hostname: '0.0.0.0',
  reusePort: false,
  fetch(request, self) {
    const url = new URL(request.url)
    if (url.pathname === '/self') {
      if (url.searchParams.has('gc')) Bun.gc(true)
      return Response.json(reportSelf(Object.fromEntries(hub.counters.closed)))
    }
    const channels = (url.searchParams.get('channel') ?? '').split(',')
    hub.upgrade(request, new BenchVisit(self.requestIP(request)?.address ?? '', channels, url.pathname === '/drive'))
    return undefined
  },
  websocket: hub.websocket,
})
hub.attach(server)
if (redisUrl !== undefined) while (!hub.describe().isBusUp) await Bun.sleep(5)
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`)
