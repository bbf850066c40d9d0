interface Waiting<Ask, Answer> {
  readonly ask: Ask
  readonly settle: PromiseWithResolvers<Answer>
}

/** How many questions go together, and how many such batches may be on their way. */
export interface BatchLimits {
  /** As many as one query answers in a few milliseconds. */
  readonly batchSize: number
  readonly inFlight: number
}

/**
 * Asks many questions with one query: whoever asks in the same turn of the loop, or while earlier batches are on their way, is asked
 * for together. A lone question is asked at once; a thousand at once need ten queries and ten places at the database's gate instead
 * of a thousand. What is answered was read after it was asked.
 */
export class BatchReader<Ask, Answer> {
  readonly #readMany: (asks: readonly Ask[]) => Promise<readonly Answer[]>
  readonly #limits: BatchLimits
  #waiting: Waiting<Ask, Answer>[] = []
  #inFlight = 0
  #isDue = false

  /** `readMany` answers in the order it was asked. */
  constructor(readMany: (asks: readonly Ask[]) => Promise<readonly Answer[]>, limits: BatchLimits = { batchSize: 200, inFlight: 2 }) {
    this.#readMany = readMany
    this.#limits = limits
  }

  /** Answers one question. Rejects when its batch could not be read. */
  read(ask: Ask): Promise<Answer> {
    const settle = Promise.withResolvers<Answer>()
    this.#waiting.push({ ask, settle })
    this.#schedule()
    return settle.promise
  }

  #schedule(): void {
    if (this.#isDue || this.#waiting.length === 0 || this.#inFlight >= this.#limits.inFlight) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      while (this.#waiting.length > 0 && this.#inFlight < this.#limits.inFlight)
        void this.#answer(this.#waiting.splice(0, this.#limits.batchSize))
    })
  }

  async #answer(batch: readonly Waiting<Ask, Answer>[]): Promise<void> {
    this.#inFlight += 1
    try {
      const answers = await this.#readMany(batch.map(({ ask }) => ask))
      for (const [index, { settle }] of batch.entries()) settle.resolve(answers[index] as Answer)
    } catch (error) {
      for (const { settle } of batch) settle.reject(error)
    } finally {
      this.#inFlight -= 1
      this.#schedule()
    }
  }
}
