import { equalInConstantTime, hmacHex } from '../../../lib/signature.ts'

/**
 * Whether a message was signed with one of our secrets: lower-case hex HMAC-SHA512 of the exact bytes (design: payments.md 3.4).
 * Never of re-serialised JSON: Paystack writes `\/` and `\u` escapes that JSON.stringify does not. Several secrets are taken at
 * once while a key is changed; an empty one proves nothing and is passed over.
 */
export function isSignedByPaystack(body: Uint8Array, signature: string | undefined, secrets: readonly string[]): boolean {
  if (signature === undefined || !/^[0-9a-f]{128}$/.test(signature)) return false
  return secrets.some((secret) => secret !== '' && equalInConstantTime(signature, hmacHex('sha512', secret, body)))
}
