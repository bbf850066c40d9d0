import type { DisputeReading, News, RefundReading, WebhookReading } from '../provider.port.ts'
import { fields, parseMessage, plainText, shortText, wholeMinor } from './wire.values.ts'

const ignored = (why: string): WebhookReading => ({ kind: 'ignored', why })

type Fields = Readonly<Record<string, unknown>>

/** An id that may come alone or as the whole thing. */
const idOf = (value: unknown): string | undefined => plainText(value) ?? plainText(fields(value)['id'])

const refs = (...values: (string | undefined)[]): string[] => values.filter((value) => value !== undefined)

/** What a stored event of Stripe says (design: payments.md sections 2.4 and 9). Throws Error for an amount that is none. */
export function readStripeEvent(body: Uint8Array, isLive: boolean): WebhookReading {
  const event = fields(parseMessage(body))
  const type = plainText(event['type'])
  const eventId = plainText(event['id'])
  if (type === undefined || eventId === undefined) return ignored('not an event')
  if (event['livemode'] !== isLive) return ignored('an event of the other mode')
  const thing = fields(fields(event['data'])['object'])
  if (type.startsWith('checkout.session.')) return readSession(type, thing)
  if (type.startsWith('payment_intent.')) return readIntent(type, thing, eventId)
  if (type === 'refund.created' || type === 'refund.updated' || type === 'refund.failed') return readRefund(thing)
  if (type === 'charge.dispute.created' || type === 'charge.dispute.updated' || type === 'charge.dispute.closed') return readDispute(thing)
  return ignored(`${type} changes nothing`)
}

function readSession(type: string, session: Fields): WebhookReading {
  const sessionRef = plainText(session['id'])
  if (sessionRef === undefined) return ignored('a session without an id')
  const keys = {
    providerRefs: [sessionRef],
    transactionId: plainText(fields(session['metadata'])['transaction_id']) ?? plainText(session['client_reference_id']),
  }
  const about = (news: News): WebhookReading => ({ kind: 'charge', keys, news })
  if (type === 'checkout.session.expired')
    return about({ effect: 'expired', effectRef: sessionRef, source: 'webhook', sessionRef, reason: 'page_expired' })
  if (type === 'checkout.session.async_payment_failed')
    return about({ effect: 'failed', effectRef: sessionRef, source: 'webhook', sessionRef, reason: 'declined' })
  if (type === 'checkout.session.completed' || type === 'checkout.session.async_payment_succeeded')
    return about(sessionNews(session, 'webhook'))
  return ignored(`${type} changes nothing`)
}

/** What a completed session says. Completed does not mean paid: only payment_status does. */
export function sessionNews(session: Fields, source: 'webhook' | 'poll'): News {
  const sessionRef = idOf(session) ?? ''
  const intent = idOf(session['payment_intent'])
  const known = { source, sessionRef, ...(intent === undefined ? {} : { paymentRef: intent }) } as const
  const status = session['payment_status']
  if (status === 'unpaid') return { ...known, effect: 'processing', effectRef: intent ?? sessionRef, reason: 'bank_is_working' }
  if (status !== 'paid' && status !== 'no_payment_required') throw new Error('a session with a payment status we do not know')
  const charge = fields(fields(session['payment_intent'])['latest_charge'])
  return {
    ...known,
    effect: 'captured',
    effectRef: intent ?? sessionRef,
    ...money(session['amount_total'], session['currency']),
    ...receiptAndFee(charge, session['currency']),
    nextCheckAt: null,
  }
}

/** The charge's id is the receipt; its fee counts only when it is in the same currency. */
function receiptAndFee(charge: Fields, currency: unknown): Pick<News, 'receipt' | 'feeMinor'> {
  const receipt = plainText(charge['id'])
  const balance = fields(charge['balance_transaction'])
  const feeMinor = balance['currency'] === currency ? wholeMinor(balance['fee']) : undefined
  return { ...(receipt === undefined ? {} : { receipt }), ...(feeMinor === undefined ? {} : { feeMinor }) }
}

function readIntent(type: string, intent: Fields, eventId: string): WebhookReading {
  const paymentRef = plainText(intent['id'])
  if (paymentRef === undefined) return ignored('an intent without an id')
  const charge = idOf(intent['latest_charge'])
  const keys = { providerRefs: refs(paymentRef, charge), transactionId: plainText(fields(intent['metadata'])['transaction_id']) }
  const known = { source: 'webhook', paymentRef } as const
  const about = (news: News): WebhookReading => ({ kind: 'charge', keys, news })
  switch (type) {
    case 'payment_intent.succeeded':
      return about({
        ...known,
        effect: 'captured',
        effectRef: paymentRef,
        ...money(intent['amount_received'], intent['currency']),
        ...(charge === undefined ? {} : { receipt: charge }),
        nextCheckAt: null,
      })
    case 'payment_intent.processing':
      return about({ ...known, effect: 'processing', effectRef: paymentRef, reason: 'bank_is_working' })
    case 'payment_intent.requires_action':
      return about({ ...known, effect: 'action_required', effectRef: eventId })
    case 'payment_intent.payment_failed':
      // One try with one card; the page stays open for another.
      return about({ ...known, effect: 'attempt_failed', effectRef: eventId, reason: declineReason(intent) })
    case 'payment_intent.canceled':
      return about({ ...known, effect: 'cancelled', effectRef: paymentRef, reason: 'cancelled_at_provider' })
    default:
      return ignored(`${type} changes nothing`)
  }
}

/** Why a card was declined, in a word. */
export const declineReason = (intent: Fields): string => {
  const error = fields(intent['last_payment_error'])
  return plainText(error['decline_code']) ?? plainText(error['code']) ?? 'declined'
}

function readRefund(refund: Fields): WebhookReading {
  const refundRef = plainText(refund['id'])
  const amountMinor = wholeMinor(refund['amount'])
  const currency = plainText(refund['currency'])
  if (refundRef === undefined || amountMinor === undefined || currency === undefined)
    throw new Error('a refund without id, amount or currency')
  const reading: RefundReading = {
    kind: 'refund',
    keys: { providerRefs: refs(idOf(refund['payment_intent']), idOf(refund['charge'])) },
    refundRef,
    refundId: plainText(fields(refund['metadata'])['refund_id']),
    amountMinor,
    currency: currency.toUpperCase(),
    news: refundNews(refund, 'webhook'),
  }
  return reading
}

/** What a refund's status says. One that failed after it had succeeded came back to us. */
export function refundNews(refund: Fields, source: 'webhook' | 'poll' | 'api'): News {
  const sessionRef = plainText(refund['id']) ?? ''
  const known = { source, sessionRef, effectRef: sessionRef } as const
  switch (refund['status']) {
    case 'succeeded':
      return { ...known, effect: 'refund_succeeded', nextCheckAt: null }
    case 'failed':
    case 'canceled':
      return {
        ...known,
        effect: 'refund_failed',
        reason: plainText(refund['failure_reason']) ?? refund['status'],
        nextCheckAt: null,
      }
    case 'pending':
    case 'requires_action':
      return { ...known, effect: 'refund_pending', reason: plainText(refund['pending_reason']) ?? refund['status'] }
    default:
      throw new Error('a refund with a status we do not know')
  }
}

function readDispute(dispute: Fields): WebhookReading {
  const disputeRef = plainText(dispute['id'])
  const amountMinor = wholeMinor(dispute['amount'])
  const status = plainText(dispute['status'])
  if (disputeRef === undefined || amountMinor === undefined || status === undefined)
    throw new Error('a dispute without id, amount or status')
  const dueBy = fields(dispute['evidence_details'])['due_by']
  const standing = standingOf(status)
  const reading: DisputeReading = {
    kind: 'dispute',
    keys: { providerRefs: refs(idOf(dispute['payment_intent']), idOf(dispute['charge'])) },
    disputeRef,
    amountMinor,
    currency: (plainText(dispute['currency']) ?? '').toUpperCase(),
    status: standing,
    reason: shortText(dispute['reason']),
    dueAt: typeof dueBy === 'number' && Number.isSafeInteger(dueBy) ? new Date(dueBy * 1_000) : undefined,
    news: {
      effect: ({ inquiry: 'inquiry_opened', open: 'dispute_opened', won: 'dispute_won', lost: 'dispute_lost' } as const)[standing],
      effectRef: standing === 'won' || standing === 'lost' ? `${disputeRef}:${status}` : disputeRef,
      source: 'webhook',
      data: { status },
    },
  }
  return reading
}

function standingOf(status: string): DisputeReading['status'] {
  if (status.startsWith('warning_')) return 'inquiry'
  if (status === 'won' || status === 'prevented') return 'won'
  return status === 'lost' ? 'lost' : 'open'
}

/** What Stripe says it moved. */
function money(amount: unknown, currency: unknown): { provenAmountMinor: bigint; provenCurrency: string } {
  const provenAmountMinor = wholeMinor(amount)
  const code = plainText(currency)
  if (provenAmountMinor === undefined || code === undefined) throw new Error('a payment without amount or currency')
  return { provenAmountMinor, provenCurrency: code.toUpperCase().slice(0, 3) }
}
