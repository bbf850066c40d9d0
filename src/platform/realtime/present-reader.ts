import type { Present, Source } from './watch.ts'

// As many as one query answers in a few milliseconds.
const batchSize = 200

interface Waiting {
  readonly channel: string
  readonly since: number | undefined
  readonly settle: PromiseWithResolvers<Present | undefined>
}

/**
 * Reads presents from the truth, many with one question: after a restart a thousand sockets come in the same second, and each of
 * them must not ask the database for itself.
 */
export class PresentReader {
  readonly #waiting = new Map<Source, Waiting[]>()

  /** The present of a channel as it is at this moment or later. Rejects when the truth cannot be read. */
  read(source: Source, channel: string, since: number | undefined): Promise<Present | undefined> {
    const settle = Promise.withResolvers<Present | undefined>()
    const queue = this.#waiting.get(source)
    if (queue === undefined) {
      this.#waiting.set(source, [{ channel, since, settle }])
      // Whoever comes in the same turn of the loop is asked for together.
      setImmediate(() => this.#ask(source))
    } else {
      queue.push({ channel, since, settle })
    }
    return settle.promise
  }

  #ask(source: Source): void {
    const queue = this.#waiting.get(source) ?? []
    this.#waiting.delete(source)
    for (let from = 0; from < queue.length; from += batchSize) void answer(source, queue.slice(from, from + batchSize))
  }
}

async function answer(source: Source, batch: readonly Waiting[]): Promise<void> {
  try {
    const presents = await source.read(batch.map(({ channel, since }) => ({ channel, since })))
    for (const [index, { settle }] of batch.entries()) settle.resolve(presents[index])
  } catch (error) {
    for (const { settle } of batch) settle.reject(error)
  }
}
