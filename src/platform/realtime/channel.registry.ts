import type { Bus } from './bus.ts'
import { Channel, type ChannelHost } from './channel.ts'

/** The channels this process holds. The first watcher of one subscribes on the bus, the last one's leaving unsubscribes after a while. */
export class ChannelRegistry {
  readonly #bus: Bus
  readonly #lingerMs: number
  readonly #host: ChannelHost
  readonly #channels = new Map<string, Channel>()

  constructor(bus: Bus, host: ChannelHost, lingerMs: number) {
    this.#bus = bus
    this.#host = host
    this.#lingerMs = lingerMs
  }

  get size(): number {
    return this.#channels.size
  }

  find(name: string): Channel | undefined {
    return this.#channels.get(name)
  }

  all(): Channel[] {
    return [...this.#channels.values()]
  }

  /** The channel of that name, subscribed if it was not held. */
  hold(name: string): Channel {
    const held = this.#channels.get(name)
    if (held !== undefined) {
      held.lingerUntilMs = undefined
      return held
    }
    const channel = new Channel(name, this.#host)
    this.#channels.set(name, channel)
    channel.subscribed = this.#bus.subscribe(name)
    return channel
  }

  /** Says that a member left. An empty channel stays subscribed for a while: a reload of the page should cost nothing. */
  release(channel: Channel, nowMs: number): void {
    if (channel.members.size === 0) channel.lingerUntilMs = nowMs + this.#lingerMs
  }

  /** Gives up the channels that have been empty long enough. */
  sweep(nowMs: number): void {
    for (const channel of this.#channels.values()) {
      if (channel.lingerUntilMs === undefined || channel.lingerUntilMs > nowMs) continue
      this.#channels.delete(channel.name)
      this.#bus.unsubscribe(channel.name)
    }
  }
}
