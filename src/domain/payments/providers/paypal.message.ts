import { sha256Hex } from '../../../lib/signature.ts'
import type { ChargeKeys, News, VerifiedWebhook, WebhookReading } from '../provider.port.ts'
import { readMoney } from './paypal.money.ts'
import { fields, list, momentOf, parseMessage, plainText } from './wire.values.ts'

type Resource = Readonly<Record<string, unknown>>

/** Names a message. Undefined when it is no event. */
export function namePaypalMessage(body: Uint8Array): VerifiedWebhook | undefined {
  const message = fields(parseMessage(body))
  const eventType = plainText(message['event_type'])
  if (eventType === undefined) return undefined
  const resource = fields(message['resource'])
  return {
    dedupeKey: plainText(message['id']) ?? `body:${sha256Hex(body)}`,
    eventType,
    providerRef: plainText(resource['id']) ?? plainText(resource['order_id']) ?? plainText(resource['dispute_id']),
  }
}

/** Reads a stored message. PayPal signs with a certificate of its own, so its word about a capture counts as it is. */
export function readPaypalMessage(body: Uint8Array, now: Date): WebhookReading {
  const message = fields(parseMessage(body))
  const event = plainText(message['event_type']) ?? ''
  const resource = fields(message['resource'])
  switch (event) {
    case 'CHECKOUT.ORDER.APPROVED':
    case 'CHECKOUT.ORDER.COMPLETED':
    case 'CHECKOUT.ORDER.VOIDED':
    case 'CHECKOUT.ORDER.SAVED':
    case 'CHECKOUT.ORDER.PROCESSED':
      return orderNews(event, resource, plainText(message['id']) ?? '', now)
    case 'CHECKOUT.PAYMENT-APPROVAL.REVERSED':
      return lapsed(resource)
    case 'PAYMENT.CAPTURE.COMPLETED':
    case 'PAYMENT.CAPTURE.PENDING':
    case 'PAYMENT.CAPTURE.DENIED':
    case 'PAYMENT.CAPTURE.DECLINED':
      return captureReading(resource)
    case 'PAYMENT.CAPTURE.REVERSED':
      return reversal(resource)
    case 'PAYMENT.CAPTURE.REFUNDED':
    case 'PAYMENT.REFUND.PENDING':
    case 'PAYMENT.REFUND.FAILED':
    case 'PAYMENT.REFUND.CANCELLED':
      return refundReading(resource)
    case 'CUSTOMER.DISPUTE.CREATED':
    case 'CUSTOMER.DISPUTE.UPDATED':
    case 'CUSTOMER.DISPUTE.RESOLVED':
    case 'RISK.DISPUTE.CREATED':
      return disputeReading(resource)
    default:
      return { kind: 'ignored', why: 'an event we do not act on' }
  }
}

/**
 * An order's own status is never money: approved means that it may be captured, complete that a capture was made, however that
 * ended. So the provider is asked at once, and asking takes the capture where one is due.
 */
function orderNews(event: string, order: Resource, eventId: string, now: Date): WebhookReading {
  const id = plainText(order['id'])
  if (id === undefined) return { kind: 'ignored', why: 'names no order' }
  const unit = fields(list(order['purchase_units'])[0])
  return {
    kind: 'charge',
    keys: { providerRefs: [id], ...ownKeys(unit) },
    news: { effect: 'checked', effectRef: `${event}:${eventId}`, source: 'webhook', nextCheckAt: now, data: { event } },
  }
}

function lapsed(resource: Resource): WebhookReading {
  const id = plainText(resource['order_id'])
  if (id === undefined) return { kind: 'ignored', why: 'names no order' }
  return {
    kind: 'charge',
    keys: { providerRefs: [id], ...ownKeys(fields(list(resource['purchase_units'])[0])) },
    news: { effect: 'expired', effectRef: id, source: 'webhook', reason: 'approval_lapsed', nextCheckAt: null },
  }
}

const ownKeys = (part: Resource): Pick<ChargeKeys, 'transactionId' | 'reference'> => ({
  transactionId: plainText(part['custom_id']),
  reference: plainText(part['invoice_id']),
})

const captureKeys = (capture: Resource): ChargeKeys => ({
  providerRefs: [plainText(fields(fields(capture['supplementary_data'])['related_ids'])['order_id']), plainText(capture['id'])].filter(
    (ref) => ref !== undefined,
  ),
  ...ownKeys(capture),
})

function captureReading(capture: Resource): WebhookReading {
  const news = captureNews(capture)
  if (news === undefined) return { kind: 'ignored', why: 'not readable as news of a capture' }
  return { kind: 'charge', keys: captureKeys(capture), news: { ...news, source: 'webhook' } }
}

/** What a capture says, in an answer as in a message. Undefined when it cannot be read. */
export function captureNews(capture: Resource): Omit<News, 'source'> | undefined {
  const id = plainText(capture['id'])
  const money = readMoney(capture['amount'])
  if (id === undefined) return undefined
  const told = { effectRef: id, paymentRef: id }
  switch (capture['status']) {
    // A refund comes after the money, so what was refunded was captured.
    case 'COMPLETED':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return money === undefined
        ? undefined
        : { ...told, effect: 'captured', provenAmountMinor: money.amountMinor, provenCurrency: money.currency, nextCheckAt: null }
    case 'PENDING':
      return { ...told, effect: 'processing', effectRef: `${id}:pending`, reason: pendingReason(capture) }
    case 'DECLINED':
    case 'FAILED':
      return { ...told, effect: 'failed', reason: 'declined', nextCheckAt: null }
    default:
      return undefined
  }
}

const pendingReason = (capture: Resource): string =>
  (plainText(fields(capture['status_details'])['reason']) ?? 'pending_at_provider').toLowerCase().slice(0, 60)

/** What a refund's status means. */
export const paypalRefundEffect = (status: unknown): Pick<News, 'effect' | 'reason'> | undefined => {
  switch (status) {
    case 'COMPLETED':
      return { effect: 'refund_succeeded' }
    case 'PENDING':
      return { effect: 'refund_pending' }
    case 'FAILED':
    case 'CANCELLED':
      return { effect: 'refund_failed', reason: 'provider_failed' }
    default:
      return undefined
  }
}

/** The resource is the refund; its capture stands only in a link. */
function refundReading(refund: Resource): WebhookReading {
  const id = plainText(refund['id'])
  const captureId = list(refund['links'])
    .map(fields)
    .filter(({ rel }) => rel === 'up')
    .map(({ href }) => /\/captures\/([A-Za-z0-9-]{1,60})$/.exec(plainText(href) ?? '')?.[1])[0]
  const money = readMoney(refund['amount'])
  const effect = paypalRefundEffect(refund['status'])
  if (id === undefined || money === undefined || money.amountMinor === 0n || effect === undefined)
    return { kind: 'ignored', why: 'not readable as news of a refund' }
  return {
    kind: 'refund',
    keys: { providerRefs: captureId === undefined ? [] : [captureId], ...ownKeys(refund) },
    refundRef: id,
    refundId: plainText(refund['custom_id']),
    ...money,
    news: { ...effect, effectRef: id, source: 'webhook' },
  }
}

/**
 * One case a capture: losing a dispute brings both the end of the dispute and a reversal of the capture, and only the dispute tells
 * its id. Told apart they would take the money out of the books twice.
 */
const caseOf = (captureId: string): string => `case-${captureId}`

/** PayPal has taken the payment back without a refund of ours: money lost in the way a lost dispute is. */
function reversal(capture: Resource): WebhookReading {
  const id = plainText(capture['id'])
  const money = readMoney(capture['amount'])
  if (id === undefined || money === undefined || money.amountMinor === 0n)
    return { kind: 'ignored', why: 'not readable as news of a capture' }
  return {
    kind: 'dispute',
    keys: captureKeys(capture),
    disputeRef: caseOf(id),
    ...money,
    status: 'lost',
    reason: 'reversed',
    dueAt: undefined,
    news: { effect: 'dispute_lost', effectRef: `reversal-${id}`, source: 'webhook' },
  }
}

function disputeReading(dispute: Resource): WebhookReading {
  const id = plainText(dispute['dispute_id'])
  const money = readMoney(dispute['dispute_amount'])
  const disputed = fields(list(dispute['disputed_transactions'])[0])
  const captureId = plainText(disputed['seller_transaction_id'])
  const status = disputeStatus(dispute)
  if (id === undefined || money === undefined || money.amountMinor === 0n || status === undefined)
    return { kind: 'ignored', why: 'not readable as news of a dispute' }
  return {
    kind: 'dispute',
    keys: {
      providerRefs: captureId === undefined ? [] : [captureId],
      transactionId: plainText(disputed['custom']),
      reference: plainText(disputed['invoice_number']),
    },
    disputeRef: captureId === undefined ? id : caseOf(captureId),
    ...money,
    status,
    reason: plainText(dispute['reason'])?.toLowerCase(),
    dueAt: momentOf(dispute['seller_response_due_date']),
    news: { effect: disputeEffects[status], effectRef: id, source: 'webhook', data: { providerDisputeId: id } },
  }
}

const disputeEffects = { inquiry: 'inquiry_opened', open: 'dispute_opened', won: 'dispute_won', lost: 'dispute_lost' } as const

// With payout PayPal pays the buyer and we keep the money; a cancelled or denied dispute never cost any.
const outcomes: Readonly<Record<string, 'won' | 'lost' | undefined>> = {
  RESOLVED_SELLER_FAVOUR: 'won',
  RESOLVED_WITH_PAYOUT: 'won',
  CANCELED_BY_BUYER: 'won',
  DENIED: 'won',
  RESOLVED_BUYER_FAVOUR: 'lost',
  ACCEPTED: 'lost',
}

function disputeStatus(dispute: Resource): 'inquiry' | 'open' | 'won' | 'lost' | undefined {
  if (dispute['status'] === 'RESOLVED') return outcomes[String(fields(dispute['dispute_outcome'])['outcome_code'])]
  return dispute['dispute_life_cycle_stage'] === 'INQUIRY' ? 'inquiry' : 'open'
}
