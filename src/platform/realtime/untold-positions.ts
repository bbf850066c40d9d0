import type { PositionMessage } from './watch.ts'

interface Untold {
  readonly message: PositionMessage
  readonly keep: (() => Promise<unknown>) | undefined
}

/** How a position is told again. */
export type TellAgain = (channel: string, message: PositionMessage, keep: (() => Promise<unknown>) | undefined) => void

/**
 * The newest positions the other processes have not been told because Redis was away. No table holds them, so they are told again
 * once it is back; without that somebody who watches in another process would see an older place until the rider's next fix.
 */
export class UntoldPositions {
  readonly #waiting = new Map<string, Untold>()

  /** Remembers one, unless a newer one of its channel is remembered already. */
  add(channel: string, message: PositionMessage, keep: (() => Promise<unknown>) | undefined): void {
    const known = this.#waiting.get(channel)
    if (known === undefined || known.message.version < message.version) this.#waiting.set(channel, { message, keep })
  }

  /** Tells them all: kept first, so that a process that listens only a moment later reads what it has missed. */
  async tell(again: TellAgain): Promise<void> {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    await Promise.all(
      waiting.map(async ([channel, { message, keep }]) => {
        await keep?.()
        again(channel, message, keep)
      }),
    )
  }
}
