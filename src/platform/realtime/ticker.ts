import type { Channel, Group } from './channel.ts'

/**
 * How long a position may wait for those who watch many riders at once. Everything of a tick is published in one turn of the loop,
 * which Bun turns into one write for each socket however many riders moved (measured in `bun run bench realtime`).
 */
export const tickMs = 100

/** Collects positions for dispatch boards and tells them together. */
export class Ticker {
  readonly #waiting = new Map<Group, Channel>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** The group's newest position is told with the next tick. */
  await(channel: Channel, group: Group): void {
    this.#waiting.set(group, channel)
    this.#timer ??= setTimeout(() => this.flush(), tickMs).unref()
  }

  /** Tells everything that waits. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const due = [...this.#waiting]
    this.#waiting.clear()
    for (const [group, channel] of due) channel.flush(group)
  }
}
