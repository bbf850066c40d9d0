import { sha256Hex } from '../../../lib/signature.ts'
import type { ChargeKeys, News, VerifiedWebhook, WebhookReading } from '../provider.port.ts'
import { fields, momentOf, numericId, parseMessage, plainText, wholeMinor } from './wire.values.ts'

/** Our transaction id out of metadata, which comes back as an object, as its JSON text, as an empty text or as nothing. */
export function ownIdIn(metadata: unknown): string | undefined {
  const value = typeof metadata === 'string' && metadata.startsWith('{') ? parseMessage(new TextEncoder().encode(metadata)) : metadata
  return plainText(fields(value)['transaction_id'])
}

/** How a message names its charge. A dispute holds the payment one level deeper, a refund only its reference. */
function keysOf(payment: Readonly<Record<string, unknown>>): ChargeKeys {
  const id = numericId(payment['id'])
  return {
    providerRefs: id === undefined ? [] : [id],
    transactionId: ownIdIn(payment['metadata']),
    reference: plainText(payment['reference']),
  }
}

/**
 * Names a message: Paystack gives its events no id, so it is put together of what makes one event one, and kept for ever, because
 * a signature without a time can be sent again in ten years (design: payments.md 1.1). Undefined when it is no event.
 */
export function namePaystackMessage(body: Uint8Array): VerifiedWebhook | undefined {
  const message = fields(parseMessage(body))
  const event = plainText(message['event'])
  const data = fields(message['data'])
  if (event === undefined) return undefined
  const parts = event.startsWith('refund.') ? refundParts(data) : [numericId(data['id']), plainText(data['status'])]
  const isWhole = parts.every((part) => part !== undefined)
  return {
    dedupeKey: isWhole ? `${event}:${parts.join(':')}` : `body:${sha256Hex(body)}`,
    eventType: event,
    providerRef:
      plainText(data['reference']) ?? plainText(data['transaction_reference']) ?? plainText(fields(data['transaction'])['reference']),
  }
}

const refundParts = (data: Readonly<Record<string, unknown>>): (string | undefined)[] => [
  plainText(data['transaction_reference']),
  numericId(data['id']) ?? plainText(data['refund_reference']),
  plainText(data['status']),
]

/** Reads a stored message. `domain` is the mode of our key: test and live share everything else. */
export function readPaystackMessage(body: Uint8Array, domain: 'test' | 'live', now: Date): WebhookReading {
  const message = fields(parseMessage(body))
  const event = plainText(message['event']) ?? ''
  const data = fields(message['data'])
  const told = data['domain']
  if (typeof told === 'string' && told !== domain)
    return { kind: 'ignored', why: `an event of the ${told === 'live' ? 'live' : 'other'} mode` }
  if (event === 'charge.success') return claim(data, now)
  if (event.startsWith('refund.')) return refundReading(data)
  if (event.startsWith('charge.dispute.')) return disputeReading(event, data)
  if (event === 'bank.transfer.rejected')
    return { kind: 'ignored', why: 'a transfer of the wrong amount, which Paystack gives back by itself' }
  return { kind: 'ignored', why: 'an event we do not act on' }
}

/** Its word is not taken for money: whoever holds a leaked key can sign. Verifying decides, at once and outside this commit. */
function claim(data: Readonly<Record<string, unknown>>, now: Date): WebhookReading {
  const keys = keysOf(data)
  if (keys.reference === undefined) return { kind: 'ignored', why: 'names no payment' }
  return {
    kind: 'charge',
    keys,
    news: { effect: 'success_claimed', effectRef: keys.reference, source: 'webhook', nextCheckAt: now },
  }
}

/** What a refund's status means. */
export const paystackRefundEffect = (status: unknown): Pick<News, 'effect' | 'reason'> | undefined => {
  switch (status) {
    case 'pending':
    case 'processing':
      return { effect: 'refund_pending' }
    case 'processed':
      return { effect: 'refund_succeeded' }
    case 'failed':
      return { effect: 'refund_failed', reason: 'provider_failed' }
    case 'needs-attention':
      return { effect: 'refund_manual', reason: 'needs_attention' }
    default:
      return undefined
  }
}

function refundReading(data: Readonly<Record<string, unknown>>): WebhookReading {
  const reference = plainText(data['transaction_reference'])
  const amountMinor = wholeMinor(data['amount'])
  const effect = paystackRefundEffect(data['status'])
  const id = numericId(data['id'])
  if (reference === undefined || amountMinor === undefined || amountMinor === 0n || effect === undefined)
    return { kind: 'ignored', why: 'not readable as news of a refund' }
  const refundRef = id === undefined ? undefined : `rf_${id}`
  return {
    kind: 'refund',
    keys: { providerRefs: [], reference },
    refundRef,
    amountMinor,
    currency: currencyOf(data),
    news: { ...effect, effectRef: refundRef ?? plainText(data['refund_reference']) ?? `${reference}:${amountMinor}`, source: 'webhook' },
  }
}

function disputeReading(event: string, data: Readonly<Record<string, unknown>>): WebhookReading {
  const id = numericId(data['id'])
  const payment = fields(data['transaction'])
  const amountMinor = wholeMinor(data['refund_amount']) ?? wholeMinor(payment['amount'])
  const status = event === 'charge.dispute.resolve' ? outcomes[String(data['resolution'])] : ('open' as const)
  if (id === undefined || amountMinor === undefined || amountMinor === 0n || status === undefined)
    return { kind: 'ignored', why: 'not readable as news of a dispute' }
  const disputeRef = `dp_${id}`
  return {
    kind: 'dispute',
    keys: keysOf(payment),
    disputeRef,
    amountMinor,
    currency: data['currency'] === undefined || data['currency'] === null ? currencyOf(payment) : currencyOf(data),
    status,
    reason: plainText(data['category']),
    dueAt: momentOf(data['dueAt'] ?? data['due_at']),
    news: {
      effect: status === 'open' ? 'dispute_opened' : status === 'won' ? 'dispute_won' : 'dispute_lost',
      effectRef: disputeRef,
      source: 'webhook',
    },
  }
}

// From the shop's side: a declined dispute is one we won.
const outcomes: Readonly<Record<string, 'won' | 'lost' | undefined>> = {
  'merchant-accepted': 'lost',
  'auto-accepted': 'lost',
  declined: 'won',
}

const currencyOf = (data: Readonly<Record<string, unknown>>): string => (plainText(data['currency']) ?? 'KES').toUpperCase()
