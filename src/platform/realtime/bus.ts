import type { Redis } from 'ioredis'
import type { Log } from '../log.ts'
import type { HubCounters } from './hub.counters.ts'

/** What the bus needs of Redis: one connection that publishes and one that listens. */
export interface BusClients {
  readonly publisher: Redis
  readonly subscriber: Redis
}

/** What the bus tells its owner. */
export interface BusEvents {
  /** A message of another process. */
  message(channel: string, payload: unknown): void
  /** All wanted channels are subscribed, at the start or after a loss: whatever was published in between has been missed. */
  ready(): void
}

/** A message on its way to Redis. */
interface Outgoing {
  readonly name: string
  readonly text: string
  readonly lost: (() => void) | undefined
}

const prefix = 'live:'
const batchSize = 512
const retryMs = 500
// A connection that died without a word is found by what we say to ourselves (design: realtime.md R4).
const echoEveryMs = 5_000
const echoDeadlineMs = 10_000

/**
 * Redis pub/sub between processes. A convenience, never a need: when Redis is away the process goes on alone, and what was
 * missed is read again from the truth once it is back. Nothing here throws or rejects into a caller.
 */
export class Bus {
  readonly nodeId: string
  readonly #clients: BusClients
  readonly #log: Log
  readonly #counters: HubCounters
  readonly #events: BusEvents
  readonly #wanted = new Set<string>()
  #batch: { names: string[]; done: Promise<boolean> } | undefined
  #isSubscribed = false
  #isRunning = false
  #nextEchoMs = 0
  #echo = 0
  #echoHeard = 0
  #echoAtMs = 0
  /** Since when an echo of ours has been on its way. */
  #echoSentMs: number | undefined
  #outgoing: Outgoing[] = []

  constructor(options: { nodeId: string; clients: BusClients; log: Log; counters: HubCounters; events: BusEvents }) {
    this.nodeId = options.nodeId
    this.#clients = options.clients
    this.#log = options.log
    this.#counters = options.counters
    this.#events = options.events
  }

  /** Whether messages of other processes arrive here. */
  get isUp(): boolean {
    return this.#isSubscribed && this.#clients.publisher.status === 'ready'
  }

  /** Begins to listen, to `channels` for good. */
  start(channels: readonly string[]): void {
    const { subscriber } = this.#clients
    for (const channel of [...channels, this.#echoChannel]) this.#wanted.add(channel)
    this.#isRunning = true
    subscriber.on('message', this.#onMessage)
    subscriber.on('ready', this.#onReady)
    subscriber.on('close', this.#onClose)
    if (subscriber.status === 'ready') this.#onReady()
  }

  /** Ends listening; the connections belong to somebody else and stay open. */
  stop(): void {
    const { subscriber } = this.#clients
    subscriber.off('message', this.#onMessage)
    subscriber.off('ready', this.#onReady)
    subscriber.off('close', this.#onClose)
    this.#isSubscribed = false
    this.#isRunning = false
  }

  /** Called every second: says something to ourselves now and then, and connects anew when it does not come back. */
  beat(nowMs: number): void {
    if (!this.#isSubscribed) {
      this.#echoSentMs = undefined
    } else if (this.#echoSentMs !== undefined && nowMs - this.#echoSentMs >= echoDeadlineMs) {
      this.#log.warn('the realtime bus has gone silent; connecting anew')
      this.#echoSentMs = undefined
      this.#isSubscribed = false
      this.#clients.subscriber.disconnect(true)
    } else if (this.#echoSentMs === undefined && nowMs >= this.#nextEchoMs && this.#clients.publisher.status === 'ready') {
      this.#nextEchoMs = nowMs + echoEveryMs
      // Only what Redis has taken must come back: a publisher in trouble says nothing about the subscriber.
      const echo = (this.#echo += 1)
      this.#echoAtMs = performance.now()
      this.#clients.publisher.publish(prefix + this.#echoChannel, String(echo)).then(() => {
        // It comes back on another connection, and may be here before Redis says that it took it.
        if (this.#echoHeard < echo) this.#echoSentMs ??= nowMs
      }, this.#failed)
    }
  }

  get #echoChannel(): string {
    return `node:${this.nodeId}`
  }

  /** Wants a channel. True once Redis has acknowledged it; false at once when Redis is away (it is then subscribed on return). */
  subscribe(channel: string): Promise<boolean> {
    this.#wanted.add(channel)
    if (this.#clients.subscriber.status !== 'ready') return Promise.resolve(false)
    if (this.#batch === undefined || this.#batch.names.length >= batchSize) {
      const names: string[] = []
      this.#batch = { names, done: Promise.resolve().then(() => this.#flush(names)) }
    }
    this.#batch.names.push(prefix + channel)
    return this.#batch.done
  }

  /** Wants a channel no more. */
  unsubscribe(channel: string): void {
    this.#wanted.delete(channel)
    const { subscriber } = this.#clients
    if (subscriber.status === 'ready') subscriber.unsubscribe(prefix + channel).catch(this.#failed)
  }

  /**
   * Tells the other processes. Lost when Redis is away: whoever missed an event reads the truth on return; `lost` is for what the
   * truth does not hold.
   */
  publish(channel: string, payload: unknown, lost?: () => void): void {
    // Everything of one turn of the loop goes to Redis in one write.
    if (this.#outgoing.length === 0) setImmediate(() => this.#send())
    this.#outgoing.push({ name: prefix + channel, text: JSON.stringify({ node: this.nodeId, payload }), lost })
  }

  /** How many processes listen to a channel; undefined when Redis does not say. */
  async listeners(channel: string): Promise<number | undefined> {
    const { publisher } = this.#clients
    if (publisher.status !== 'ready') return undefined
    try {
      const [, count] = (await publisher.pubsub('NUMSUB', prefix + channel)) as [string, number]
      return count
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }

  #send(): void {
    const batch = this.#outgoing
    this.#outgoing = []
    const { publisher } = this.#clients
    if (publisher.status !== 'ready') {
      this.#counters.busErrors += batch.length
      for (const { lost } of batch) lost?.()
      return
    }
    const pipeline = publisher.pipeline()
    for (const { name, text } of batch) pipeline.publish(name, text)
    pipeline.exec().then(
      (answers) => {
        for (const [index, { lost }] of batch.entries()) if (answers?.[index]?.[0] !== null) lost?.()
      },
      (error: unknown) => {
        this.#failed(error)
        for (const { lost } of batch) lost?.()
      },
    )
  }

  #flush(names: string[]): Promise<boolean> {
    if (this.#batch?.names === names) this.#batch = undefined
    return this.#clients.subscriber.subscribe(...names).then(
      () => true,
      (error: unknown) => {
        this.#failed(error)
        // The connection may stay open although Redis did not answer in time: nobody would say `ready` again.
        setTimeout(() => {
          if (this.#isRunning && this.#clients.subscriber.status === 'ready') this.#onReady()
        }, retryMs).unref()
        return false
      },
    )
  }

  readonly #onMessage = (name: string, text: string): void => {
    if (!name.startsWith(prefix)) return
    if (name === prefix + this.#echoChannel) {
      this.#echoHeard = Number(text)
      this.#echoSentMs = undefined
      this.#counters.gauges.busEchoMs = performance.now() - this.#echoAtMs
      return
    }
    const message = readEnvelope(text)
    // Our own messages were delivered here before they were published.
    if (message === undefined || message.node === this.nodeId) return
    this.#events.message(name.slice(prefix.length), message.payload)
  }

  // The client subscribes again by itself, but neither says when that is done nor knows what could not be subscribed while it was
  // away; so everything wanted is subscribed once more, and only then is the past read.
  readonly #onReady = (): void => {
    const names = [...this.#wanted].map((channel) => prefix + channel)
    const batches: Promise<boolean>[] = []
    for (let from = 0; from < names.length; from += batchSize) batches.push(this.#flush(names.slice(from, from + batchSize)))
    void Promise.all(batches).then((done) => {
      if (!done.every(Boolean)) return
      this.#isSubscribed = true
      this.#events.ready()
    })
  }

  readonly #onClose = (): void => {
    if (this.#isSubscribed) this.#log.warn('the realtime bus is away; this process goes on alone')
    this.#isSubscribed = false
  }

  readonly #failed = (error: unknown): void => {
    this.#counters.busErrors += 1
    this.#log.debug({ error }, 'the realtime bus refused a command')
  }
}

/** A message of ours; undefined for anything else that may come over a shared Redis. */
function readEnvelope(text: string): { node: string; payload: unknown } | undefined {
  try {
    const message: unknown = JSON.parse(text)
    if (typeof message === 'object' && message !== null && 'node' in message && typeof message.node === 'string' && 'payload' in message) {
      return { node: message.node, payload: message.payload }
    }
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
