import { type BurstOptions, watchBursts } from './burst.ts'
import type { Log } from './log.ts'

/**
 * Works off rows of a table that are due: woken after a commit, and by a timer for what a crash left behind. The rows are the
 * truth; nothing is lost with the process.
 */
export interface RowQueue {
  readonly name: string
  /** Asks for a look at the table soon. Cheap, and safe to call as often as one likes. */
  wake(): void
  /** Starts the timer. The first look is delayed by chance, so that processes restarted together do not all begin at once. */
  start(): void
  /** Takes no more rows and waits for those in hand. */
  stop(): Promise<void>
  /** Works until nothing is due; answers how many rows that were. For tests and commands; needs no `start`. */
  drainOnce(): Promise<number>
}

/** What a row queue is made of. */
export interface RowQueueOptions<Row> {
  readonly name: string
  /** Takes at most `limit` due rows so that nobody else gets them for a while (SKIP LOCKED and a lease). */
  claim(limit: number): Promise<readonly Row[]>
  /** Does one row and writes down the outcome. Throws only when even that failed: the lease then brings the row back. */
  work(row: Row): Promise<void>
  readonly log: Log
  readonly intervalMs: number
  /** Rows worked at the same time; a slow one does not hold up the others. */
  readonly mostInHand: number
  /** When it is woken in bursts, work is taken up when the burst is over, so that it takes no time from whoever brings the rows. */
  readonly stepsBack?: BurstOptions
}

/** Makes a queue. Nothing runs before `start` or `drainOnce`. */
export function createRowQueue<Row>(options: RowQueueOptions<Row>): RowQueue {
  const inHand = new Set<Promise<void>>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let looking: Promise<number> | undefined
  const burst = options.stepsBack === undefined ? undefined : watchBursts(options.stepsBack)
  let burstTimer: ReturnType<typeof setTimeout> | undefined
  let isWanted = false
  let isRunning = false

  /** Whether a burst is on; sees to it that there is another look when it is over. */
  function mustStepBack(): boolean {
    const holdMs = burst?.holdMs() ?? 0
    if (holdMs === 0) return false
    burstTimer ??= setTimeout(() => {
      burstTimer = undefined
      seek()
    }, holdMs).unref()
    return true
  }

  /** Claims and begins rows until there are no more or no room; does not wait for them. */
  async function take(): Promise<number> {
    let count = 0
    for (;;) {
      const room = options.mostInHand - inHand.size
      if (room <= 0 || (isRunning && mustStepBack())) return count
      const rows = await options.claim(room)
      if (rows.length === 0) return count
      count += rows.length
      for (const row of rows) begin(row)
    }
  }

  function begin(row: Row): void {
    const work: Promise<void> = options
      .work(row)
      .catch((error: unknown) => options.log.error({ error, queue: options.name }, 'a row could not be finished; its lease brings it back'))
      .finally(() => {
        // When much was in hand, a claim may have left rows behind for want of room.
        if (inHand.size * 3 >= options.mostInHand) seek()
        inHand.delete(work)
      })
    inHand.add(work)
  }

  function wake(): void {
    burst?.note()
    seek()
  }

  function seek(): void {
    isWanted = true
    if (!isRunning || looking !== undefined) return
    looking = look().finally(() => {
      looking = undefined
    })
  }

  async function look(): Promise<number> {
    let count = 0
    while (isWanted && isRunning) {
      isWanted = false
      try {
        count += await take()
      } catch (error) {
        options.log.error({ error, queue: options.name }, 'could not look for due rows')
        return count
      }
    }
    return count
  }

  function tick(delayMs: number): void {
    timer = setTimeout(() => {
      seek()
      tick(options.intervalMs * (0.9 + Math.random() * 0.2))
    }, delayMs)
    timer.unref()
  }

  return {
    name: options.name,
    wake,
    start() {
      if (isRunning) return
      isRunning = true
      tick(Math.random() * options.intervalMs)
    },
    async stop() {
      isRunning = false
      clearTimeout(timer)
      clearTimeout(burstTimer)
      await looking
      await Promise.all(inHand)
    },
    async drainOnce() {
      let total = 0
      for (;;) {
        const count = await take()
        await Promise.all(inHand)
        if (count === 0) return total
        total += count
      }
    },
  }
}
