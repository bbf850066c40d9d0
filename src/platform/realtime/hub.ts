import type { Server, WebSocketHandler } from 'bun'
import type { Clock } from '../../lib/clock.ts'
import { Refusal } from '../../lib/refusal.ts'
import { requestScope } from '../http/request-scope.ts'
import type { Log } from '../log.ts'
import { Bus, type BusClients } from './bus.ts'
import { type BusMessage, readBusMessage } from './bus-message.ts'
import { ChannelRegistry } from './channel.registry.ts'
import { closeCodes } from './close-codes.ts'
import { Connection } from './connection.ts'
import { beatHeart, heartbeat } from './heartbeat.ts'
import { HubCounters } from './hub.counters.ts'
import { defaultInboundLimits, InboundBucket, type InboundLimits } from './inbound-bucket.ts'
import { joinChannel } from './join-channel.ts'
import { resyncChannels } from './resync-channels.ts'
import { recheckEveryMs, Rights } from './rights.ts'
import { recover, watchBacklog } from './slow-consumer.ts'
import { type SocketCaps, SocketLimits } from './socket-limits.ts'
import type { LiveMessage, RecheckTarget, Visit } from './visit.ts'

/** What a hub is built from. */
export interface HubOptions {
  readonly redis: BusClients
  readonly log: Log
  readonly clock: Clock
  readonly caps: SocketCaps
  readonly nodeId?: string
  readonly inbound?: InboundLimits
  /** How long an unwatched channel stays subscribed. */
  readonly lingerMs?: number
}

const controlChannel = 'ctl'

/**
 * The sockets of this process, what they watch, and the way to the other processes. Knows channels and versions, not what they
 * are about: the domain hands in its guards and snapshots with each `Visit` (design: realtime.md 6.3).
 */
export class Hub {
  readonly counters = new HubCounters()
  readonly #log: Log
  readonly #clock: Clock
  readonly #inbound: InboundLimits
  readonly #limits: SocketLimits
  readonly #bus: Bus
  readonly #channels: ChannelRegistry
  readonly #rights: Rights
  readonly #connections = new Set<Connection>()
  #server: Server<Connection> | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #isDraining = false

  constructor(options: HubOptions) {
    this.#log = options.log
    this.#clock = options.clock
    this.#inbound = options.inbound ?? defaultInboundLimits
    this.#limits = new SocketLimits(options.caps)
    this.#rights = new Rights({ log: options.log, clock: options.clock, counters: this.counters })
    this.#bus = new Bus({
      nodeId: options.nodeId ?? crypto.randomUUID(),
      clients: options.redis,
      log: options.log,
      counters: this.counters,
      events: { message: (channel, payload) => this.#fromBus(channel, payload), ready: () => void this.#resync() },
    })
    this.#channels = new ChannelRegistry(this.#bus, options.lingerMs ?? 10_000)
    this.#bus.start([controlChannel])
  }

  /** What Bun.serve takes as `websocket`. */
  readonly websocket: WebSocketHandler<Connection> = {
    maxPayloadLength: 16 * 1024,
    // Above the point where a slow socket is cut, so that Bun drops nothing before we have decided.
    backpressureLimit: 512 * 1024,
    closeOnBackpressureLimit: false,
    idleTimeout: 60,
    perMessageDeflate: false,
    open: (socket) => {
      socket.data.socket = socket
      void this.#join(socket.data)
    },
    message: (socket, message) => this.#receive(socket.data, message),
    drain: (socket) => void recover(socket.data).catch((error: unknown) => this.#readFailed(socket.data, error)),
    pong: (socket) => {
      socket.data.pingedAtMs = undefined
    },
    close: (socket, code) => this.#closed(socket.data, code),
  }

  /** Hands in the listening server; from now on sockets can be upgraded, and hearts beat. */
  attach(server: Server<Connection>): void {
    this.#server = server
    this.#timer = setInterval(() => this.beat(), 1_000)
    this.#timer.unref()
  }

  /** Sockets, channels and the state of the bus, for readiness and metrics. */
  describe(): { sockets: number; channels: number; isBusUp: boolean } {
    return { sockets: this.#connections.size, channels: this.#channels.size, isBusUp: this.#bus.isUp }
  }

  /**
   * Makes a WebSocket of a request that the door has let in. Refuses with `upgrade_required`, `malformed_request` (a subprotocol
   * we do not speak: Bun would echo it as if we did), `too_many_requests`, `overloaded`.
   */
  upgrade(request: Request, visit: Visit): void {
    if (!isUpgradeRequest(request)) throw new Refusal('upgrade_required')
    if ((request.headers.get('sec-websocket-protocol') ?? '') !== '')
      throw new Refusal('malformed_request', { detail: 'This address speaks no subprotocol.' })
    const full = this.#limits.refusal(visit.userId, visit.address)
    if (full !== undefined || this.#isDraining || this.#server === undefined) {
      this.counters.refused += 1
      throw new Refusal(full === 'user' || full === 'address' ? 'too_many_requests' : 'overloaded', { retryAfterS: 5 })
    }
    const nowMs = this.#clock.monotonicMs()
    // Spread, so that sockets that came together after a restart are not all asked in the same second.
    const due = { nextPingMs: nowMs + heartbeat.everyMs, nextRecheckMs: nowMs + recheckEveryMs * (0.5 + Math.random() / 2) }
    const connection = new Connection(visit, new InboundBucket(this.#inbound, nowMs), due)
    this.#limits.add(visit.userId, visit.address)
    if (!this.#server.upgrade(request, { data: connection })) {
      this.#limits.remove(visit.userId, visit.address)
      throw new Refusal('upgrade_required')
    }
    const scope = requestScope()
    if (scope !== undefined) scope.upgraded = true
  }

  /** Tells everybody who watches a channel, here first and then in the other processes. */
  publish(channel: string, message: LiveMessage): void {
    this.#deliver(channel, message)
    this.#bus.publish(channel, message satisfies BusMessage)
  }

  /** Asks again whether those who watch may, in every process: after an assignment, a logout, a change of role, an end. */
  recheck(target: RecheckTarget): void {
    void this.#rights.recheck(this.#connections, target)
    this.#bus.publish(controlChannel, { lane: 'control', ...target } satisfies BusMessage)
  }

  /** One beat: pings, backlogs, rights that are due, channels nobody watches, whether the bus is alive. Called every second. */
  beat(): void {
    const nowMs = this.#clock.monotonicMs()
    const due: Connection[] = []
    for (const connection of this.#connections) {
      beatHeart(connection, nowMs)
      watchBacklog(connection, nowMs, this.counters)
      if (nowMs >= connection.nextRecheckMs) due.push(connection)
    }
    if (due.length > 0) void this.#rights.recheckAll(due)
    this.#channels.sweep(nowMs)
    this.#bus.beat(nowMs)
  }

  /** Lets everybody go, spread over a while so that they do not all come back at once; ends when their last work is done. */
  async drain(spreadMs: number): Promise<void> {
    this.#isDraining = true
    clearInterval(this.#timer)
    const everybody = [...this.#connections]
    const step = Math.max(1, Math.ceil(everybody.length / 10))
    for (let from = 0; from < everybody.length; from += step) {
      for (const connection of everybody.slice(from, from + step)) connection.close(closeCodes.restart)
      if (from + step < everybody.length) await Bun.sleep(spreadMs / 10)
    }
    await Promise.all(everybody.map((connection) => connection.idle()))
    this.#bus.stop()
  }

  async #join(connection: Connection): Promise<void> {
    this.counters.opened += 1
    this.#connections.add(connection)
    const channel = this.#channels.hold(connection.visit.channel)
    channel.members.add(connection)
    await joinChannel(this.#server, channel, connection, this.counters).catch((error: unknown) => this.#readFailed(connection, error))
  }

  #receive(connection: Connection, message: string | Buffer): void {
    this.counters.framesIn += 1
    const verdict = connection.bucket.take(this.#clock.monotonicMs())
    if (verdict === 'close') return connection.close(closeCodes.rate)
    if (verdict === 'refuse') {
      this.counters.framesRefused += 1
      connection.visit.refuse(connection)
      return
    }
    try {
      connection.visit.receive(connection, typeof message === 'string' ? message : undefined)
    } catch (error) {
      // A surprise in one client's frame must end that client's socket and nothing else.
      this.#log.error({ error, channel: connection.visit.channel }, 'a frame could not be read')
      connection.close(closeCodes.unavailable)
    }
  }

  #closed(connection: Connection, code: number): void {
    connection.phase = 'closed'
    connection.socket = undefined
    connection.waiting = []
    this.counters.countClose(code)
    this.#connections.delete(connection)
    this.#limits.remove(connection.visit.userId, connection.visit.address)
    const channel = this.#channels.find(connection.visit.channel)
    if (channel === undefined) return
    channel.members.delete(connection)
    this.#channels.release(channel, this.#clock.monotonicMs())
  }

  #deliver(name: string, message: LiveMessage): void {
    if (message.lane === 'event') this.counters.eventsPublished += 1
    else this.counters.positionsPublished += 1
    this.#channels.find(name)?.deliver(this.#server, message, this.counters)
  }

  #fromBus(channel: string, payload: unknown): void {
    const message = readBusMessage(payload)
    if (message === undefined) return
    if (message.lane === 'control') void this.#rights.recheck(this.#connections, message)
    else this.#channels.find(channel)?.deliver(this.#server, message, this.counters)
  }

  async #resync(): Promise<void> {
    await resyncChannels(this.#server, this.#channels.all(), this.counters, this.#log)
    await this.#rights.recheck(this.#connections, {})
  }

  #readFailed(connection: Connection, error: unknown): void {
    this.#log.warn({ error }, 'a snapshot could not be read')
    connection.close(closeCodes.unavailable)
  }
}

/** Whether a request asks to become a WebSocket. */
export const isUpgradeRequest = (request: Request): boolean => request.headers.get('upgrade')?.toLowerCase() === 'websocket'
