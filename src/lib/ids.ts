/** Where new ids come from; injected, so that a test or a simulation can repeat a run exactly. */
export interface Ids {
  /** A new primary key: UUIDv7, so that keys sort by time. Not a secret. */
  next(): string
  /** An unguessable token of 256 bits, base64url. */
  token(): string
  /** A human order number: RAH- and 8 characters without look-alikes. */
  orderNumber(): string
}

// No 0/O, 1/I/L, and no vowels, so that a number can be read out on the phone and never spells a word.
const alphabet = '23456789BCDFGHJKMNPQRSTVWXYZ'

/** Order numbers as people type them: any case, with or without the dash. Undefined when it cannot be one. */
export function parseOrderNumber(text: string): string | undefined {
  const match = /^RAH-?([23456789BCDFGHJKMNPQRSTVWXYZ]{6,12})$/.exec(text.trim().toUpperCase())
  return match?.[1] === undefined ? undefined : `RAH-${match[1]}`
}

/** Ids for real: time-ordered keys by Bun, randomness by the platform's generator. */
export const randomIds: Ids = {
  next: () => Bun.randomUUIDv7(),
  token: () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
  orderNumber: () => {
    let number = ''
    while (number.length < 8) {
      for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
        // Bytes at or past the last whole multiple are dropped: a plain modulo would favour the first letters.
        if (byte < 252 && number.length < 8) number += alphabet[byte % alphabet.length]
      }
    }
    return `RAH-${number}`
  },
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text is a UUID; asked before it reaches a query, because Postgres answers a malformed one with an error. */
export const isUuid = (text: string): boolean => uuid.test(text)
