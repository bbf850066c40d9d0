import { Refusal } from '../lib/refusal.ts'

/** A limited number of places with a bounded queue before them, first come, first served. */
export interface Gate {
  /** Waits for a place and answers the function that gives it back. Refuses with `overloaded` when the wait or the queue is too long. */
  enter(): Promise<() => void>
  readonly inUse: number
  readonly waiting: number
}

/** `waitMs` bounds the wait of one caller, `queueLimit` how many may wait at once. */
export interface GateOptions {
  readonly places: number
  readonly waitMs: number
  readonly queueLimit?: number
}

/**
 * Opens a gate. It stands before a connection pool that has no acquire time-out of its own, so that under overload a request is
 * refused early with 503 instead of waiting without end (design: reliability.md section 3.2).
 */
export function createGate({ places, waitMs, queueLimit = places * 64 }: GateOptions): Gate {
  const queue = new Set<() => void>()
  let inUse = 0

  const place = (): (() => void) => {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const [next] = queue
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
      return queue.size
    },
    async enter() {
      if (inUse < places) {
        inUse++
        return place()
      }
      if (queue.size >= queueLimit) throw new Refusal('overloaded')
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const admit = (): void => {
        queue.delete(admit)
        clearTimeout(timer)
        resolve(place())
      }
      const timer = setTimeout(() => {
        queue.delete(admit)
        reject(new Refusal('overloaded'))
      }, waitMs)
      queue.add(admit)
      return promise
    },
  }
}
