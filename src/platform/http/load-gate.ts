import { Refusal } from '../../lib/refusal.ts'
import type { Priority } from './traffic.table.ts'

/** Lets requests in while there is room, the important ones longest. */
export interface LoadGate {
  /** Takes a place and answers how to give it back. Refuses with `overloaded`; a refusal costs no database and no body. */
  enter(priority: Priority): () => void
  readonly inFlight: number
}

// Money keeps a fifth of the places for itself, whatever else is going on.
const shares: Readonly<Record<Priority, number>> = { 1: 1, 2: 0.8, 3: 0.7, 4: 0.6, 5: 0.5 }
// How many times the limit the loop has to be late until a class is told to come back. Money and orders never are: they wait.
const lagFactor: Readonly<Record<Priority, number>> = { 1: Infinity, 2: Infinity, 3: 4, 4: 2, 5: 1 }

/** `lagMs` says how late the event loop is; `lagLimitMs` 0 does not ask. */
export function createLoadGate(options: { places: number; lagLimitMs: number; lagMs: () => number }): LoadGate {
  const { places, lagLimitMs, lagMs } = options
  let inFlight = 0
  return {
    get inFlight() {
      return inFlight
    },
    enter(priority) {
      const isFull = inFlight >= places * shares[priority]
      const isLate = lagLimitMs > 0 && priority > 2 && lagMs() > lagLimitMs * lagFactor[priority]
      // Spread, so that those who were refused in one instant do not all come back in one.
      if (isFull || isLate) throw new Refusal('overloaded', { retryAfterS: 1 + Math.floor(Math.random() * 4) })
      inFlight++
      let isHeld = true
      return () => {
        if (isHeld) inFlight--
        isHeld = false
      }
    },
  }
}
