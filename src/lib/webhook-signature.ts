import { createHmac } from 'node:crypto'

/** The bytes of a secret written as the Standard Webhooks specification says: `whsec_` and base64. Undefined for anything else. */
export function secretBytes(secret: string): Buffer | undefined {
  const [, encoded = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined
}

/** A new secret of 256 bits. */
export const newWebhookSecret = (): string => `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`

/**
 * The `webhook-signature` of a message: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, one for each secret, so that a receiver
 * may hold the old one or the new one (https://www.standardwebhooks.com). Throws RangeError for a secret of the wrong form.
 */
export function webhookSignature(secrets: readonly string[], id: string, timestampS: number, body: string): string {
  return secrets
    .map((secret) => {
      const key = secretBytes(secret)
      if (key === undefined) throw new RangeError('the webhook secret has the wrong form')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`
    })
    .join(' ')
}
