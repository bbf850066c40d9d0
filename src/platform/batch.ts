/** Pieces of the same kind of work that are done several at a time. */
export interface Batch<Item, Result> {
  /** Does one piece, together with those that wait beside it. Settles only when its own batch has; throws what its work threw. */
  add(item: Item): Promise<Result>
}

/** How pieces are gathered. */
export interface BatchOptions<Item, Result> {
  /** Does some pieces at once; answers a result for each, in their order. */
  work(items: readonly Item[]): Promise<readonly Result[]>
  /** Batches under way at the same time; what comes while all are is gathered for the next one. */
  readonly lanes: number
  readonly most: number
  /** Whether a failure may be the fault of one piece alone: the others then get their own turn. Not for a database that is gone. */
  isOneToBlame(error: unknown): boolean
}

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * Group commit: a piece that comes while nothing is under way goes at once, so that nobody waits for company; under load the batches
 * grow by themselves, and a statement and its commit are shared by many. Sets no timer.
 */
export function createBatch<Item, Result>(options: BatchOptions<Item, Result>): Batch<Item, Result> {
  const { work, lanes, most, isOneToBlame } = options
  const queue: Waiting<Item, Result>[] = []
  let underWay = 0

  async function run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await work(batch.map(({ item }) => item))
      batch.forEach(({ resolve, reject }, index) => {
        if (index < results.length) resolve(results[index] as Result)
        else reject(new Error('a batch answered fewer results than it was given pieces'))
      })
    } catch (error) {
      if (batch.length > 1 && isOneToBlame(error)) for (const one of batch) await run([one])
      else for (const { reject } of batch) reject(error)
    }
  }

  function next(): void {
    while (underWay < lanes && queue.length > 0) {
      underWay++
      void run(queue.splice(0, most)).finally(() => {
        underWay--
        next()
      })
    }
  }

  return {
    add: async (item) =>
      await new Promise<Result>((resolve, reject) => {
        queue.push({ item, resolve, reject })
        next()
      }),
  }
}
