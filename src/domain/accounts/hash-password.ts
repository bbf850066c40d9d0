import { Refusal } from '../../lib/refusal.ts'

// OWASP's floor for argon2id. A hash costs about 50 ms of a core, so a login flood is a denial of service unless it is bounded:
// two at once, sixteen waiting, the rest is told to come back (design: reliability.md 5.6).
const cost = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const
const atOnce = 2
const longestQueue = 16

let running = 0
const waiting: (() => void)[] = []

/** Hashes a password with argon2id. Refuses with `overloaded` when too many are waiting. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => Bun.password.hash(password, cost))

/** Compares a password with a stored hash; bounded like hashing. A malformed hash compares as wrong. */
export const verifyPassword = (password: string, hash: string): Promise<boolean> => inTurn(() => Bun.password.verify(password, hash))

async function inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
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
