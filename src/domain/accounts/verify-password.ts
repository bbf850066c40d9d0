import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { inPasswordTurn } from './password.queue.ts'

// The hash of a random password nobody knows: an unknown e-mail costs the same work as a wrong password, so that neither the
// answer nor its delay tells which accounts exist.
const nobodysHash = '$argon2id$v=19$m=19456,t=2,p=1$sOvjwkk4ZU1H5tknrVx4mxz0iqFGKeKAmRsUA3j9pRo$0XlXQn1I+BqDT5hVAqJ3VALeq5Phte6v3JRSAFrb2uw'

// Django asks for a million rounds today; a hash that asks for many more is not one of ours and would only burn a core.
const mostRounds = 4_000_000
const digestBytes = 32

/** What a hash of the old shop is made of: Django writes pbkdf2_sha256$rounds$salt$base64. */
interface DjangoHash {
  readonly rounds: number
  readonly salt: string
  readonly digest: Buffer
}

/** Whether a stored hash is one of the old shop's, to be replaced at the next good sign-in. */
export const isDjangoHash = (hash: string): boolean => hash.startsWith('pbkdf2_sha256$')

/**
 * Compares a password with a stored hash, argon2id or Django's pbkdf2_sha256; bounded like hashing, `overloaded` beyond that. No
 * hash and a malformed one compare as wrong. `decoy` is a Django hash of anybody: while the shop holds one, every comparison costs
 * one of either kind, so that the delay tells neither who exists nor whose hash is old.
 */
export const verifyPassword = (password: string, hash: string | null | undefined, decoy?: string | null): Promise<boolean> =>
  inPasswordTurn(async () => {
    const own = hash ?? nobodysHash
    const isOld = isDjangoHash(own)
    const old = isOld ? own : (decoy ?? undefined)
    const [isRightNow, wasRight] = await Promise.all([
      matchesArgon(password, isOld ? nobodysHash : own),
      old === undefined ? false : matchesDjango(password, old),
    ])
    return hash === null || hash === undefined ? false : isOld ? wasRight : isRightNow
  })

async function matchesArgon(password: string, hash: string): Promise<boolean> {
  try {
    return await Bun.password.verify(password, hash)
  } catch {
    // Bun throws on a text that is no hash it knows, Django's "!" for "no password" among them.
    return false
  }
}

async function matchesDjango(password: string, hash: string): Promise<boolean> {
  const parts = parseDjango(hash)
  if (parts === undefined) return false
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  pbkdf2(password, parts.salt, parts.rounds, digestBytes, 'sha256', (error, key) => (error === null ? resolve(key) : reject(error)))
  return timingSafeEqual(await promise, parts.digest)
}

function parseDjango(hash: string): DjangoHash | undefined {
  const [, rounds, salt, digest] = /^pbkdf2_sha256\$(\d{1,7})\$([^$]+)\$([A-Za-z0-9+/]{43}=)$/.exec(hash) ?? []
  if (rounds === undefined || salt === undefined || digest === undefined) return undefined
  const count = Number(rounds)
  if (count < 1 || count > mostRounds) return undefined
  return { rounds: count, salt, digest: Buffer.from(digest, 'base64') }
}
