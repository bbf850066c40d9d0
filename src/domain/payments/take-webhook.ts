import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { requestScope } from '../../platform/http/request-scope.ts'
import { mustBePaybillToken, receivePaybill } from './receive-paybill.ts'
import { receiveWebhook } from './receive-webhook.ts'

/** What an address of a provider's messages stands for. */
export type WebhookTarget =
  /** A provider that signs its messages: stripe, paystack or paypal. */
  | { readonly kind: 'signed'; readonly provider: string }
  /** An M-Pesa prompt's own address. */
  | { readonly kind: 'prompt'; readonly token: string }
  /** Where Daraja says that a request for a reversal waited too long in its queue. */
  | { readonly kind: 'reversal-timeout'; readonly token: string }
  /** Money typed into M-Pesa by hand: asked about before, told of after. */
  | { readonly kind: 'paybill-validation' | 'paybill-confirmation'; readonly token: string }

/** What a provider hears: Daraja has words of its own for "got it". */
export type WebhookAnswer = { readonly received: true } | { readonly ResultCode: number; readonly ResultDesc: string }

// Those whose messages are signed; the others have addresses of their own.
const signing: ReadonlySet<string> = new Set(['stripe', 'paystack', 'paypal'])
const accepted = { ResultCode: 0, ResultDesc: 'Accepted' } as const

/**
 * Takes a message of a provider: what proves itself is in the inbox before this answers. Refuses with not_found for an address that
 * is nobody's or whose provider is switched off, signature_invalid, malformed_json, and unavailable when it could not be kept.
 */
export async function takeWebhook(
  context: Context,
  target: WebhookTarget,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<WebhookAnswer> {
  const requestId = requestScope()?.requestId
  const webhook = { body, headers, ...(requestId === undefined ? {} : { requestId }) }
  const name = target.kind !== 'signed' ? 'mpesa' : signing.has(target.provider) ? target.provider : ''
  const provider = context.providers.get(name)
  if (provider === undefined || (name === 'mpesa' && !isSafaricom(context))) throw new Refusal('not_found')
  switch (target.kind) {
    case 'signed':
      await receiveWebhook(context, provider, webhook)
      return { received: true }
    case 'prompt':
      await receiveWebhook(context, provider, { ...webhook, addressToken: target.token })
      return accepted
    case 'reversal-timeout':
      await receiveWebhook(context, { ...provider, verifyWebhook: nameTimeout }, { ...webhook, addressToken: target.token })
      return accepted
    case 'paybill-validation':
      // Every account number is taken: money that names no order is parked, not bounced at the till.
      mustBePaybillToken(context, target.token)
      return accepted
    case 'paybill-confirmation':
      await receivePaybill(context, provider, target.token, webhook)
      return accepted
    default:
      return target satisfies never
  }
}

/** The address alone says what it is: its words are not those of a result, and decide nothing. */
const nameTimeout = async ({ body }: { readonly body: Uint8Array }) => ({
  dedupeKey: `timeout:${sha256Hex(body)}`,
  eventType: 'reversal_timeout',
  providerRef: undefined,
})

/** Whether a callback comes from where the shop was told they come from. Only ever beside the secret in the address, never instead of it. */
function isSafaricom({ config }: Context): boolean {
  const allowed = config.mpesa?.allowedAddresses ?? []
  const address = (requestScope()?.address ?? '').replace(/^::ffff:/, '')
  return allowed.length === 0 || allowed.includes(address)
}
