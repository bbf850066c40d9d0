import { verify, type X509Certificate } from 'node:crypto'

/** What PayPal sends beside a message to prove it; all of it present and well-formed. */
export interface PaypalProof {
  readonly transmissionId: string
  readonly transmissionTime: string
  readonly signature: string
  readonly certUrl: string
  readonly algorithm: string
}

/** Reads the five headers of a proof, names in lower case. Undefined when one is missing or not plain; a proof in another algorithm is none. */
export function readProof(headers: Readonly<Record<string, string | undefined>>): PaypalProof | undefined {
  const header = (name: string, form: RegExp): string | undefined => {
    const value = headers[`paypal-${name}`]
    return value !== undefined && form.test(value) ? value : undefined
  }
  const transmissionId = header('transmission-id', /^[A-Za-z0-9-]{1,80}$/)
  const transmissionTime = header('transmission-time', /^[0-9TZ:.+-]{10,40}$/)
  const signature = header('transmission-sig', /^[A-Za-z0-9+/]{80,1400}={0,2}$/)
  const certUrl = header('cert-url', /^[\x21-\x7e]{1,500}$/)
  const algorithm = header('auth-algo', /^SHA256withRSA$/)
  if (
    transmissionId === undefined ||
    transmissionTime === undefined ||
    signature === undefined ||
    certUrl === undefined ||
    algorithm === undefined
  )
    return undefined
  return { transmissionId, transmissionTime, signature, certUrl, algorithm }
}

/** The text PayPal signs: the CRC32 of the exact bytes stands in it as an unsigned decimal (design: payments.md 5.4). */
export const signedText = (proof: Pick<PaypalProof, 'transmissionId' | 'transmissionTime'>, webhookId: string, body: Uint8Array): string =>
  `${proof.transmissionId}|${proof.transmissionTime}|${webhookId}|${Bun.hash.crc32(body) >>> 0}`

/** Whether a proof fits a message, for a certificate that is trusted already. An empty webhook id proves nothing. */
export function isSignedByPaypal(body: Uint8Array, proof: PaypalProof, webhookId: string, certificate: X509Certificate): boolean {
  if (webhookId === '' || certificate.publicKey.asymmetricKeyType !== 'rsa') return false
  return verify('sha256', Buffer.from(signedText(proof, webhookId, body)), certificate.publicKey, Buffer.from(proof.signature, 'base64'))
}
