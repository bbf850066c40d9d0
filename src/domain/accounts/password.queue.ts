import { Refusal } from '../../lib/refusal.ts'

// A hash costs from 50 ms to half a second of a core, so a login flood is a denial of service unless it is bounded: two at once,
// sixteen waiting, the rest is told to come back (design: reliability.md 5.6).
const atOnce = 2
const longestQueue = 16

let running = 0
const waiting: (() => void)[] = []

/** Does one piece of password work when its turn comes. Refuses with `overloaded` when too many are waiting. */
export async function inPasswordTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  if (running >= atOnce) {
    if (waiting.length >= longestQueue) throw new Refusal('overloaded', { retryAfterS: 2 })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}
