import { BatchReader } from '../batch-reader.ts'
import type { Present, Source, Want } from './watch.ts'

/**
 * Reads presents from the truth, many with one question: after a restart a thousand sockets come in the same second, and each of
 * them must not ask the database for itself.
 */
export class PresentReader {
  readonly #readers = new Map<Source, BatchReader<Want, Present | undefined>>()

  /** The present of a channel as it is at this moment or later. Rejects when the truth cannot be read. */
  read(source: Source, channel: string, since: number | undefined): Promise<Present | undefined> {
    let reader = this.#readers.get(source)
    if (reader === undefined) {
      reader = new BatchReader((wants: readonly Want[]) => source.read(wants))
      this.#readers.set(source, reader)
    }
    return reader.read({ channel, since })
  }
}
