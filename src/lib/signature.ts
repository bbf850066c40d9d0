import { createHash, timingSafeEqual } from 'node:crypto'

/** Bytes or text to be hashed or signed. */
export type Signable = string | Uint8Array

/** SHA-256 as lower-case hex; how tokens and bodies are kept at rest. */
export const sha256Hex = (data: Signable): string => createHash('sha256').update(data).digest('hex')

/** HMAC as raw bytes. Throws Error for an empty key: verifying against nothing would accept everything. */
export function hmac(algorithm: 'sha256' | 'sha512', key: string, data: Signable): Buffer {
  if (key.length === 0) throw new Error('hmac: the key is empty')
  // Bun's own: the one of node:crypto makes a stream first, which costs ten times the hash of a short text.
  return new Bun.CryptoHasher(algorithm, key).update(data).digest()
}

/** HMAC as lower-case hex. */
export const hmacHex = (algorithm: 'sha256' | 'sha512', key: string, data: Signable): string => hmac(algorithm, key, data).toString('hex')

/** Compares two texts in time that depends only on their length, so that a guess learns nothing from the answer's delay. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest()
  const right = createHash('sha256').update(b).digest()
  return timingSafeEqual(left, right)
}

/**
 * A token bound to a purpose and an id, made from the server secret: it can be made again for a later message without being
 * stored, and cannot be guessed (176 bits). Rotating the secret retires all of them.
 */
export const derivedToken = (secret: string, purpose: string, id: string): string =>
  hmac('sha256', secret, `${purpose}:${id}`).subarray(0, 22).toString('base64url')

/** The token in an order's links. Derived, so that a later message can carry the same link without the token being stored. */
export const orderLinkToken = (secret: string, orderId: string): string => derivedToken(secret, 'order', orderId)

/** A four-digit code bound to a purpose and an id, for a person to read out at the door. */
export const derivedDigits = (secret: string, purpose: string, id: string): string =>
  String(hmac('sha256', secret, `${purpose}:${id}`).readUInt32BE(0) % 10_000).padStart(4, '0')
