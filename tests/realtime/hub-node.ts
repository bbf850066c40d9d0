import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { Refusal } from '../../src/lib/refusal.ts'
import { createLog } from '../../src/platform/log.ts'
import type { CloseReason } from '../../src/platform/realtime/close-codes.ts'
import { Hub, type HubOptions } from '../../src/platform/realtime/hub.ts'
import type { Snapshot, Visit } from '../../src/platform/realtime/visit.ts'
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
  const snapshotOf = (channel: string): Snapshot | undefined => {
    const truth = truths.get(channel)
    if (truth === undefined) return undefined
    return {
      eventVersion: truth.event,
      joinFrames: [JSON.stringify({ type: 'join', version: truth.event })],
      eventFrames: [frameOf('event', truth.event)],
      position:
        truth.position === 0
          ? undefined
          : { lane: 'position', version: truth.position, audience: 'all', frames: [frameOf('position', truth.position)] },
      end: truth.end,
    }
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
    const channel = url.searchParams.get('channel') ?? 'c'
    const userId = url.searchParams.get('user') ?? undefined
    return {
      channel,
      userId,
      address: url.searchParams.get('address') ?? '127.0.0.1',
      isInsider: () => url.searchParams.has('inside'),
      async readSnapshot() {
        await node.beforeSnapshot()
        return snapshotOf(channel)
      },
      recheck: async () => (userId === undefined ? undefined : verdicts.get(userId)),
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
