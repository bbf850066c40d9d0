import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { Refusal } from '../../src/lib/refusal.ts'
import { createLog } from '../../src/platform/log.ts'
import type { CloseReason } from '../../src/platform/realtime/close-codes.ts'
import { Hub, type HubOptions } from '../../src/platform/realtime/hub.ts'
import type { LiveMessage, Present, Source, Visit, Voice, Watch } from '../../src/platform/realtime/watch.ts'
import { createRedis, type RedisClients } from '../../src/platform/redis.ts'

/** What a channel is at one moment, for tests: the truth that snapshots are read from. */
export interface Truth {
  event: number
  position: number
  end?: CloseReason
}

/** A process with a hub and nothing else. Sockets open at `/?channel=&user=&inside=`. */
export interface HubNode {
  readonly hub: Hub
  readonly redis: RedisClients
  readonly url: string
  /** Called before each snapshot is read; a test may hold it up. */
  beforeSnapshot: () => Promise<void>
  /** What a re-check answers for a user. */
  readonly verdicts: Map<string, CloseReason>
  stop(): Promise<void>
}

/** What the tests' channels say. */
export const frameOf = (lane: 'event' | 'position', version: number): string => JSON.stringify({ type: lane, version })

/** A message of a test's channel; `more` travels with it and ends up in the frame. */
export const messageOf = (lane: 'event' | 'position', version: number, more: Record<string, unknown> = {}): LiveMessage => ({
  lane,
  version,
  facts: more,
})

const voiceOf = (name: string, isInside: boolean): Voice => ({
  name,
  say: ({ lane, version, facts: { isInside: isSecret, ...more } }) =>
    isSecret === true && !isInside ? [] : [JSON.stringify({ type: lane, version, ...more })],
})
const voices = { all: voiceOf('all', false), inside: voiceOf('inside', true) }

/** Opens a process of its own hub on a Redis. */
export async function openNode(
  redisUrl: string,
  truths: Map<string, Truth>,
  options: Partial<HubOptions> & { clock?: Clock } = {},
): Promise<HubNode> {
  const log = createLog('silent')
  const redis = createRedis(redisUrl, log)
  const hub = new Hub({ redis, log, clock: systemClock, caps: { perUser: 5, perAddress: 100, total: 1_000 }, ...options })
  const verdicts = new Map<string, CloseReason>()
  const presentOf = (channel: string, since: number | undefined): Present | undefined => {
    const truth = truths.get(channel)
    if (truth === undefined) return undefined
    return {
      version: truth.event,
      events:
        since === undefined
          ? []
          : Array.from({ length: Math.max(0, truth.event - since) }, (_, index) => ({
              lane: 'event',
              version: since + index + 1,
              facts: {},
            })),
      isComplete: true,
      position: truth.position === 0 ? undefined : { lane: 'position', version: truth.position, facts: {} },
      facts: { event: truth.event },
      end: truth.end,
    }
  }
  const source: Source = {
    async read(wants) {
      await node.beforeSnapshot()
      return wants.map(({ channel, since }) => presentOf(channel, since))
    },
    check: async (watches) => watches.map((watch) => verdicts.get((watch as Watch & { user: string }).user)),
  }
  const node: HubNode = {
    hub,
    redis,
    url: '',
    beforeSnapshot: async () => {},
    verdicts,
    async stop() {
      await hub.drain(0)
      await server.stop(true)
      await redis.close()
    },
  }
  const visitOf = (url: URL): Visit => {
    const [first = 'c', ...more] = (url.searchParams.get('channel') ?? 'c').split(',')
    const userId = url.searchParams.get('user') ?? undefined
    const since = url.searchParams.get('since')
    const watchOf = (channel: string): Watch & { user: string } => ({
      channel,
      source,
      user: userId ?? '',
      voice: url.searchParams.has('inside') ? voices.inside : voices.all,
      since: since === null ? undefined : Number(since),
      isOneOfMany: more.length > 0,
      greet: ({ version, events, position }) => [
        JSON.stringify({ type: 'join', version }),
        ...(since === null ? [] : events.filter((event) => event.version > Number(since)).map((event) => frameOf('event', event.version))),
        ...(position === undefined ? [] : [frameOf('position', position.version)]),
      ],
      over: () => undefined,
    })
    return {
      userId,
      address: url.searchParams.get('address') ?? '127.0.0.1',
      protocol: undefined,
      watches: [first, ...more].map(watchOf),
      receive: (connection, text) => void connection.send(text === undefined ? 'binary' : `heard ${text}`),
      refuse: (connection) => void connection.send('refused'),
    }
  }
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    reusePort: false,
    fetch(request) {
      try {
        hub.upgrade(request, visitOf(new URL(request.url)))
        return undefined
      } catch (error) {
        if (error instanceof Refusal) return new Response(error.code, { status: error.status })
        throw error
      }
    },
    websocket: hub.websocket,
  })
  hub.attach(server)
  return Object.assign(node, { url: `http://127.0.0.1:${server.port}` })
}
