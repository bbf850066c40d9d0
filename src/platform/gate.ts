import { Refusal } from '../lib/refusal.ts'

/** A limited number of places with a bounded queue before them, first come, first served. */
export interface Gate {
  /**
   * Waits for a place and answers the function that gives it back. Refuses with `overloaded` when the wait or the queue is too long.
   * Those in a hurry go before the others, but of every few places that come free one is given to somebody who is not.
   */
  enter(isUrgent?: boolean): Promise<() => void>
  readonly inUse: number
  readonly waiting: number
}

/** `waitMs` bounds the wait of one caller, `queueLimit` how many may wait at once. */
export interface GateOptions {
  readonly places: number
  readonly waitMs: number
  readonly queueLimit?: number
}

// A flood of urgent work slows everything else down to a fifth and does not stop it.
const urgentInARow = 4

/**
 * Opens a gate. It stands before a connection pool that has no acquire time-out of its own, so that under overload a request is
 * refused early with 503 instead of waiting without end (design: reliability.md section 3.2).
 */
export function createGate({ places, waitMs, queueLimit = places * 64 }: GateOptions): Gate {
  const queue = new Set<() => void>()
  const urgentQueue = new Set<() => void>()
  let inUse = 0
  let urgentRun = 0

  /** Who is next: the longest waiting of those in a hurry, unless it is the turn of the others. */
  function nextInLine(): (() => void) | undefined {
    const [urgent] = urgentQueue
    const [ordinary] = queue
    const isUrgent = urgent !== undefined && (ordinary === undefined || urgentRun < urgentInARow)
    urgentRun = isUrgent ? urgentRun + 1 : 0
    return isUrgent ? urgent : ordinary
  }

  const place = (): (() => void) => {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const next = nextInLine()
      // The place goes straight to the longest waiting caller, so that a newcomer cannot overtake.
      if (next === undefined) inUse--
      else next()
    }
  }

  return {
    get inUse() {
      return inUse
    },
    get waiting() {
      return queue.size + urgentQueue.size
    },
    async enter(isUrgent = false) {
      if (inUse < places) {
        inUse++
        return place()
      }
      const line = isUrgent ? urgentQueue : queue
      if (line.size >= queueLimit) throw new Refusal('overloaded')
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const admit = (): void => {
        line.delete(admit)
        clearTimeout(timer)
        resolve(place())
      }
      const timer = setTimeout(() => {
        line.delete(admit)
        reject(new Refusal('overloaded'))
      }, waitMs)
      line.add(admit)
      return promise
    },
  }
}
