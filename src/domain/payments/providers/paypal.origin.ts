import { Refusal } from '../../../lib/refusal.ts'
import { OutgoingError } from '../../../platform/outgoing.ts'
import type { IncomingWebhook, VerifiedWebhook } from '../provider.port.ts'
import { isOk, type PaypalApi, type PaypalOptions } from './paypal.api.ts'
import { createCertificates } from './paypal.certificate.ts'
import { namePaypalMessage } from './paypal.message.ts'
import { isSignedByPaypal, type PaypalProof, readProof } from './paypal.signature.ts'
import { fields, parseMessage } from './wire.values.ts'

/**
 * Makes the check of where a message comes from: by PayPal's certificate, and by asking PayPal where that cannot be had or is told
 * to be the way. The check refuses with signature_invalid, malformed_json, or unavailable when nobody can say just now.
 */
export function paypalOrigin(
  options: PaypalOptions,
  { call, noAnswer }: PaypalApi,
): (webhook: IncomingWebhook) => Promise<VerifiedWebhook> {
  const { paypal, outgoing, clock } = options
  const certificates = createCertificates({
    trust: { hosts: paypal.certHosts, simulatorUrl: paypal.simulated ? paypal.baseUrl : undefined, roots },
    outgoing,
    clock,
  })
  let rootsReady: Promise<readonly string[]> | undefined

  /** The runtime's own list of authorities, looked at only when a message comes; of the simulator, the one it made at its start. */
  async function roots(): Promise<readonly string[]> {
    rootsReady ??= (paypal.simulated ? simulatorRoot() : import('node:tls').then(({ rootCertificates }) => rootCertificates)).catch(
      (error: unknown) => {
        rootsReady = undefined
        throw error
      },
    )
    return await rootsReady
  }

  async function simulatorRoot(): Promise<readonly string[]> {
    const url = `${paypal.baseUrl}/v1/notifications/certs/root`
    const { status, text = '' } = await outgoing.call({ method: 'GET', url, takesText: true, purpose: 'paypal simulator root' })
    if (status !== 200) throw new OutgoingError('network', new URL(url).host, status)
    return [text]
  }

  async function verifyWebhook(webhook: IncomingWebhook): Promise<VerifiedWebhook> {
    const proof = readProof(webhook.headers)
    if (proof === undefined || !(await isProven(webhook.body, proof))) throw new Refusal('signature_invalid')
    const named = namePaypalMessage(webhook.body)
    if (named === undefined) throw new Refusal('malformed_json')
    return named
  }

  async function isProven(body: Uint8Array, proof: PaypalProof): Promise<boolean> {
    if (paypal.verify === 'remote') return await isProvenByAsking(body, proof)
    try {
      const answer = await certificates.find(proof.certUrl)
      if (answer.kind === 'refused') return false
      if (answer.kind === 'trusted') return isSignedByPaypal(body, proof, paypal.webhookId, answer.certificate)
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error
    }
    return await isProvenByAsking(body, proof)
  }

  /** PayPal's own verdict. The event goes out as the text it came as: written anew it would have another CRC32. */
  async function isProvenByAsking(body: Uint8Array, proof: PaypalProof): Promise<boolean> {
    // Only what is one JSON object by itself may be pasted into another.
    const message = parseMessage(body)
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return false
    const head = JSON.stringify({
      auth_algo: proof.algorithm,
      cert_url: proof.certUrl,
      transmission_id: proof.transmissionId,
      transmission_sig: proof.signature,
      transmission_time: proof.transmissionTime,
      webhook_id: paypal.webhookId,
    })
    const text = `${head.slice(0, -1)},"webhook_event":${new TextDecoder().decode(body)}}`
    try {
      const answer = await call('POST', '/v1/notifications/verify-webhook-signature', 'paypal webhook verification', { text })
      if (!isOk(answer)) throw noAnswer(answer)
      return fields(answer.json)['verification_status'] === 'SUCCESS'
    } catch (error) {
      // Nobody can say just now; PayPal sends it again.
      if (error instanceof OutgoingError) throw new Refusal('unavailable', { cause: error, retryAfterS: 30 })
      throw error
    }
  }

  return verifyWebhook
}
