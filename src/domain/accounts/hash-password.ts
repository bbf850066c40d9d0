import { inPasswordTurn } from './password.queue.ts'

// OWASP's floor for argon2id.
const cost = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

/** Hashes a password with argon2id. Refuses with `overloaded` when too many are waiting. */
export const hashPassword = (password: string): Promise<string> => inPasswordTurn(() => Bun.password.hash(password, cost))
