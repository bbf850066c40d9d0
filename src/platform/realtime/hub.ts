import type { Server, WebSocketHandler } from 'bun'
import type { Clock } from '../../lib/clock.ts'
import { Refusal } from '../../lib/refusal.ts'
import { requestScope } from '../http/request-scope.ts'
import type { Log } from '../log.ts'
import { Bus, type BusClients } from './bus.ts'
import { type BusMessage, readBusMessage } from './bus-message.ts'
import type { Channel, ChannelHost, Group } from './channel.ts'
import { ChannelRegistry } from './channel.registry.ts'
import { closeCodes } from './close-codes.ts'
import { Connection, type FrameStream } from './connection.ts'
import { beatHeart, heartbeat } from './heartbeat.ts'
import { HubCounters } from './hub.counters.ts'
import { defaultInboundLimits, InboundBucket, type InboundLimits } from './inbound-bucket.ts'
import { joinChannel } from './join-channel.ts'
import { Membership } from './membership.ts'
import { PresentReader } from './present-reader.ts'
import { resyncChannels } from './resync-channels.ts'
import { recheckEveryMs, Rights } from './rights.ts'
import { recover, watchBacklog } from './slow-consumer.ts'
import { type SocketCaps, SocketLimits } from './socket-limits.ts'
import { Ticker } from './ticker.ts'
import { UntoldPositions } from './untold-positions.ts'
import type { LiveMessage, RecheckTarget, Visit, Watch } from './watch.ts'

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
// So many that what letting them in has left behind is worth collecting: ten kilobytes a socket, until the engine finds the time.
const crowd = 1_000
/** How many channels one socket may watch (design: realtime.md 6.2). */
export const mostWatches = 128
// Told to those who are sent away by a restart, so that they do not all come back in the same second.
const comeBackWithinMs = 8_000

/**
 * The sockets of this process, what they watch, and the way to the other processes. Knows channels and versions, not what they
 * are about: the domain hands in its guards, presents and words with each `Visit` (design: realtime.md 6.3).
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
  readonly #reader = new PresentReader()
  readonly #ticker = new Ticker()
  readonly #connections = new Set<Connection>()
  readonly #gaps = new Set<Channel>()
  readonly #untold = new UntoldPositions()
  readonly #behind = new Set<Group>()
  #server: Server<Connection> | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #isDraining = false
  #openedBefore = 0
  #tidiedAt = 0

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
    this.#channels = new ChannelRegistry(this.#bus, this.#host(), options.lingerMs ?? 10_000)
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
      this.#open(socket.data)
    },
    message: (socket, message) => this.#receive(socket.data, message),
    drain: (socket) => this.#recover(socket.data),
    pong: (socket) => this.heard(socket.data),
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
   * the door does not speak: Bun would echo it as if we did), `too_many_requests`, `overloaded`.
   */
  upgrade(request: Request, visit: Visit): void {
    if (!isUpgradeRequest(request)) throw new Refusal('upgrade_required')
    const offered = request.headers.get('sec-websocket-protocol') ?? ''
    if (offered !== '' && visit.protocol === undefined)
      throw new Refusal('malformed_request', { detail: 'This address does not speak that subprotocol.' })
    const server = this.#admit(visit)
    const nowMs = this.#clock.monotonicMs()
    const connection = new Connection(visit, {
      bucket: new InboundBucket(visit.inbound ?? this.#inbound, nowMs),
      nextPingMs: nowMs + heartbeat.everyMs,
    })
    this.#limits.add(visit.userId, visit.address)
    const headers = visit.protocol === undefined ? {} : { headers: { 'sec-websocket-protocol': visit.protocol } }
    if (!server.upgrade(request, { data: connection, ...headers })) {
      this.#limits.remove(visit.userId, visit.address)
      throw new Refusal('upgrade_required')
    }
    const scope = requestScope()
    if (scope !== undefined) scope.upgraded = true
  }

  /** Lets somebody watch over an answer that does not end. Counts like a socket and refuses like one. `end` it when the reader goes, and say when it has read everything. */
  stream(visit: Visit, stream: FrameStream): { end(): void; drained(): void } {
    this.#admit(visit)
    const connection = new Connection(visit, { stream, nextPingMs: this.#clock.monotonicMs() + heartbeat.everyMs })
    this.#limits.add(visit.userId, visit.address)
    this.#open(connection)
    return { end: () => this.#closed(connection, 1000), drained: () => this.#recover(connection) }
  }

  /**
   * Lets a socket watch one thing more. False when it watches as much as it may. Watching a channel again greets again, with what
   * was missed since.
   */
  watch(connection: Connection, watch: Watch): boolean {
    const before = connection.members.find((member) => member.channel.name === watch.channel)
    if (before === undefined && connection.members.length >= mostWatches) return false
    if (before !== undefined) this.#part(before)
    this.#join(connection, watch, before)
    return true
  }

  /** Lets a socket watch a channel no more. */
  unwatch(connection: Connection, channel: string): void {
    const member = connection.members.find((each) => each.channel.name === channel)
    if (member !== undefined) this.#part(member)
  }

  /** The peer has shown that it is there, by a pong in whichever words. */
  heard(connection: Connection): void {
    if (connection.pingedAtMs !== undefined) this.counters.gauges.pongMs = this.#clock.monotonicMs() - connection.pingedAtMs
    connection.pingedAtMs = undefined
  }

  /**
   * Tells everybody who watches a channel, here first and then in the other processes. A position that Redis did not take is told
   * to them again when it is back, after `keep` has put it where those who join there read it.
   */
  publish(channel: string, message: LiveMessage, keep?: () => Promise<unknown>): void {
    if (message.lane === 'event') this.counters.eventsPublished += 1
    else this.counters.positionsPublished += 1
    this.#channels.find(channel)?.deliver(message)
    const lost = message.lane === 'event' ? undefined : () => this.#untold.add(channel, message, keep)
    this.#bus.publish(channel, message satisfies BusMessage, lost)
  }

  /** Asks again whether those who watch may, in every process: after an assignment, a logout, a change of role, an end. */
  recheck(target: RecheckTarget): void {
    void this.#rights.recheck(this.#membersOf(target))
    this.#bus.publish(controlChannel, { lane: 'control', ...target } satisfies BusMessage)
  }

  /** How many watch a channel in this process beside those the question leaves out. */
  watchersOf(channel: string, counts: (watch: Watch) => boolean): number {
    let count = 0
    for (const { watch } of this.#channels.find(channel)?.members ?? []) if (counts(watch)) count += 1
    return count
  }

  /** In how many processes a channel is watched; undefined while the bus is away. */
  processesWatching(channel: string): Promise<number | undefined> {
    return this.#bus.listeners(channel)
  }

  /** One beat: pings, backlogs, rights that are due, channels nobody watches, whether the bus is alive. Called every second. */
  beat(): void {
    const nowMs = this.#clock.monotonicMs()
    const due: Membership[] = []
    let lagging = 0
    for (const connection of this.#connections) {
      beatHeart(connection, nowMs)
      watchBacklog(connection, nowMs, this.counters)
      if (connection.lagSinceMs !== undefined) lagging += 1
      for (const member of connection.members) if (nowMs >= member.nextCheckMs) due.push(member)
    }
    this.counters.gauges.lagging = lagging
    if (due.length > 0) void this.#rights.recheck(due)
    for (const channel of this.#channels.all()) if (channel.hasGap) this.#repair(channel)
    this.#channels.sweep(nowMs)
    this.#tidy()
    this.#bus.beat(nowMs)
    if (this.#bus.isUp) void this.#untold.tell((channel, message, keep) => this.publish(channel, message, keep))
  }

  /** Lets everybody go, spread over a while so that they do not all come back at once; ends when their last work is done. */
  async drain(spreadMs: number): Promise<void> {
    this.#isDraining = true
    clearInterval(this.#timer)
    this.#ticker.flush()
    const everybody = [...this.#connections]
    const step = Math.max(1, Math.ceil(everybody.length / 10))
    for (let from = 0; from < everybody.length; from += step) {
      for (const connection of everybody.slice(from, from + step))
        connection.close(closeCodes.restart, Math.round(Math.random() * comeBackWithinMs))
      if (from + step < everybody.length) await Bun.sleep(spreadMs / 10)
    }
    await Promise.all(everybody.map((connection) => connection.idle()))
    this.#bus.stop()
  }

  #host(): ChannelHost {
    return {
      counters: this.counters,
      publish: (topic, frame) => this.#server?.publish(topic, frame) ?? 1,
      repair: (channel) => this.#repair(channel),
      awaitTick: (channel, group) => this.#ticker.await(channel, group),
      lookAtBacklog: (group) => this.#lookAtBacklog(group),
    }
  }

  /** Collects garbage once a crowd has come in and the doors have been quiet for a beat. */
  #tidy(): void {
    const { opened } = this.counters
    if (opened - this.#tidiedAt >= crowd && opened === this.#openedBefore) {
      this.#tidiedAt = opened
      Bun.gc(true)
    }
    this.#openedBefore = opened
  }

  /** Whether one more fits. Refuses with `too_many_requests`, `overloaded`. */
  #admit(visit: Visit): Server<Connection> {
    const full = this.#limits.refusal(visit.userId, visit.address, this.#clock.monotonicMs())
    if (full === undefined && !this.#isDraining && this.#server !== undefined) return this.#server
    this.counters.refused += 1
    throw new Refusal(full === 'user' || full === 'address' ? 'too_many_requests' : 'overloaded', { retryAfterS: 5 })
  }

  #open(connection: Connection): void {
    this.counters.opened += 1
    this.#connections.add(connection)
    const hello = connection.visit.hello?.()
    if (hello !== undefined) connection.send(hello)
    for (const watch of connection.visit.watches) this.#join(connection, watch)
  }

  #join(connection: Connection, watch: Watch, before?: Membership): void {
    const channel = this.#channels.hold(watch.channel)
    const member = new Membership(connection, watch, channel)
    // Spread, so that sockets that came together after a restart are not all asked in the same second.
    member.nextCheckMs = this.#clock.monotonicMs() + recheckEveryMs * (0.5 + Math.random() / 2)
    // What a socket came for stays the first of its watches.
    connection.members =
      before !== undefined && connection.visit.watches.some(({ channel: name }) => name === channel.name)
        ? [member, ...connection.members]
        : [...connection.members, member]
    channel.admit(member)
    joinChannel(this.#reader, member).catch((error: unknown) => this.#readFailed(connection, error))
  }

  #part(member: Membership): void {
    const { connection, channel } = member
    channel.remove(member)
    connection.members = connection.members.filter((other) => other !== member)
    this.#channels.release(channel, this.#clock.monotonicMs())
  }

  #receive(connection: Connection, message: string | Buffer): void {
    this.counters.framesIn += 1
    const text = typeof message === 'string' ? message : undefined
    const verdict = connection.bucket?.take(this.#clock.monotonicMs())
    if (verdict === 'close') return connection.close(closeCodes.rate)
    try {
      if (verdict === 'refuse') {
        this.counters.framesRefused += 1
        connection.visit.refuse(connection, text)
      } else {
        connection.visit.receive(connection, text)
      }
    } catch (error) {
      // A surprise in one client's frame must end that client's socket and nothing else.
      this.#log.error({ error, channel: connection.members[0]?.channel.name }, 'a frame could not be read')
      connection.close(closeCodes.unavailable)
    }
  }

  #recover(connection: Connection): void {
    recover(this.#reader, connection).catch((error: unknown) => this.#readFailed(connection, error))
  }

  #closed(connection: Connection, code: number): void {
    if (!this.#connections.delete(connection)) return
    connection.isClosed = true
    connection.socket = undefined
    this.counters.countClose(code)
    this.#limits.remove(connection.visit.userId, connection.visit.address)
    const nowMs = this.#clock.monotonicMs()
    for (const member of connection.members) {
      member.channel.remove(member)
      this.#channels.release(member.channel, nowMs)
    }
    connection.members = []
  }

  #fromBus(channel: string, payload: unknown): void {
    const message = readBusMessage(payload)
    if (message === undefined) return
    if (message.lane === 'control') void this.#rights.recheck(this.#membersOf(message))
    else this.#channels.find(channel)?.deliver(message)
  }

  #membersOf({ channel, userId }: RecheckTarget): Membership[] {
    const candidates =
      channel === undefined ? [...this.#connections].flatMap(({ members }) => members) : [...(this.#channels.find(channel)?.members ?? [])]
    return userId === undefined ? candidates : candidates.filter(({ connection }) => connection.visit.userId === userId)
  }

  /** Reads what is missing; asked once for a channel however many events come too early meanwhile. */
  #repair(channel: Channel): void {
    if (this.#gaps.has(channel)) return
    this.#gaps.add(channel)
    this.counters.gaps += 1
    void resyncChannels(this.#reader, [channel], this.#log).finally(() => this.#gaps.delete(channel))
  }

  /** Looks at a group soon: not at once, because the kernel often takes the rest in the same turn of the loop. */
  #lookAtBacklog(group: Group): void {
    if (this.#behind.size === 0) setTimeout(() => this.#lookAtAllBehind(), 50).unref()
    this.#behind.add(group)
  }

  #lookAtAllBehind(): void {
    const nowMs = this.#clock.monotonicMs()
    const groups = [...this.#behind]
    this.#behind.clear()
    for (const group of groups) for (const member of [...group.live, ...group.direct]) watchBacklog(member.connection, nowMs, this.counters)
  }

  async #resync(): Promise<void> {
    this.counters.resyncs += 1
    await resyncChannels(this.#reader, this.#channels.all(), this.#log)
    await this.#rights.recheck(this.#membersOf({}))
  }

  #readFailed(connection: Connection, error: unknown): void {
    this.#log.warn({ error }, 'the present of a channel could not be read')
    connection.close(closeCodes.unavailable)
  }
}

/** Whether a request asks to become a WebSocket. */
export const isUpgradeRequest = (request: Request): boolean => request.headers.get('upgrade')?.toLowerCase() === 'websocket'
