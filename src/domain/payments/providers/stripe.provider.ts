import type Stripe from 'stripe'
import type { Clock } from '../../../lib/clock.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { after, minutes, seconds } from '../../../lib/time.ts'
import type { StripeConfig } from '../../../platform/payment.config.ts'
import { OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'
import type {
  IncomingWebhook,
  ListedMovement,
  PaymentFact,
  PaymentProvider,
  RefundRef,
  TransactionRef,
  VerifiedWebhook,
} from '../provider.port.ts'
import { createStripeApi, StripeRefusal } from './stripe.api.ts'
import { readStripeEvent, refundNews, sessionNews } from './stripe.message.ts'
import { fields, parseMessage, plainText } from './wire.values.ts'

/** What the adapter needs. */
export interface StripeOptions {
  readonly stripe: StripeConfig
  readonly outgoing: Outgoing
  readonly clock: Clock
}

// Stripe wants half an hour at least; the rest is for a call that has to be repeated with the same words.
const pageLivesMs = minutes(45)
// Never zero: for the library that means "do not look at the time at all" (design: payments.md 0, fact 3).
const toleranceS = 300

/**
 * Cards by Stripe's hosted Checkout page (design: payments.md section 2). Every call that creates carries our own id as its key, so
 * it may be repeated; a message is believed by its signature over the exact bytes.
 */
export function createStripe(options: StripeOptions): PaymentProvider {
  const { stripe: config, clock } = options
  const api = createStripeApi(options)
  const isLive = /^(sk|rk)_live_/.test(config.secretKey)

  async function start(transaction: TransactionRef): Promise<PaymentFact> {
    const metadata = { transaction_id: transaction.id, order_number: transaction.orderNumber, reference: transaction.reference }
    const base = { transactionId: transaction.id, source: 'api' } as const
    try {
      const session = await api.call((stripe) =>
        stripe.checkout.sessions.create(
          {
            mode: 'payment',
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: transaction.providerCurrency.toLowerCase(),
                  unit_amount: Number(transaction.providerAmountMinor),
                  product_data: { name: `Order ${transaction.orderNumber}` },
                },
              },
            ],
            allowed_payment_method_types: ['card'],
            success_url: transaction.returnUrl,
            cancel_url: transaction.returnUrl,
            client_reference_id: transaction.id,
            metadata,
            // Events of the intent and of the charge carry only this copy.
            payment_intent_data: { metadata },
            // Counted from the row and not from now: a repeat under the same key must say the same.
            expires_at: Math.floor(after(transaction.createdAt, pageLivesMs).getTime() / 1_000),
            ...(transaction.email === undefined ? {} : { customer_email: transaction.email }),
          },
          { idempotencyKey: `co:${transaction.id}` },
        ),
      )
      if (session.url === null)
        return { ...base, effect: 'rejected', effectRef: transaction.id, reason: 'provider_refused', nextCheckAt: null }
      return {
        ...base,
        effect: 'accepted',
        effectRef: session.id,
        sessionRef: session.id,
        nextAction: { kind: 'redirect', url: session.url },
        expiresAt: after(new Date(session.expires_at * 1_000), minutes(5)),
        nextCheckAt: after(clock.now(), seconds(timing.silentAtS[0])),
      }
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error
      return {
        ...base,
        effect: 'rejected',
        effectRef: transaction.id,
        reason: 'provider_refused',
        nextCheckAt: null,
        data: { code: error.code },
      }
    }
  }

  async function ask(transaction: TransactionRef): Promise<PaymentFact> {
    const base = { transactionId: transaction.id } as const
    const checked: PaymentFact = { ...base, source: 'poll', effect: 'checked', effectRef: `checked-${clock.now().toISOString()}` }
    const { sessionRef } = transaction
    if (sessionRef === undefined) return { ...checked, reason: 'no_id_yet' }
    const session = await asked(() =>
      api.call((stripe) => stripe.checkout.sessions.retrieve(sessionRef, { expand: ['payment_intent.latest_charge.balance_transaction'] })),
    )
    if (session.status === 'expired')
      return { ...base, source: 'poll', effect: 'expired', effectRef: session.id, sessionRef: session.id, reason: 'page_expired' }
    if (session.status !== 'complete') return checked
    const intent = fields(session.payment_intent)
    if (session.payment_status === 'unpaid' && intent['status'] === 'canceled')
      return {
        ...base,
        source: 'poll',
        effect: 'cancelled',
        effectRef: session.id,
        sessionRef: session.id,
        reason: 'cancelled_at_provider',
      }
    return { ...base, ...sessionNews(fields(session), 'poll') }
  }

  /** A refused question is no answer about the money. */
  async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof StripeRefusal) throw new OutgoingError('network', new URL(config.baseUrl).host, error.status, error)
      throw error
    }
  }

  async function refund(wish: RefundRef): Promise<PaymentFact> {
    const intent = wish.charge.paymentRef
    if (intent === undefined)
      return { transactionId: wish.id, effect: 'refund_manual', effectRef: wish.id, source: 'system', reason: 'no_payment_id' }
    try {
      const made = await api.call((stripe) =>
        stripe.refunds.create(
          {
            payment_intent: intent,
            amount: Number(wish.providerAmountMinor),
            reason: wish.reason === 'duplicate' ? 'duplicate' : 'requested_by_customer',
            metadata: { refund_id: wish.id, transaction_id: wish.charge.id, reference: wish.reference },
          },
          { idempotencyKey: `rf:${wish.id}` },
        ),
      )
      return { ...refundNews(fields(made), 'api'), transactionId: wish.id }
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error
      return { transactionId: wish.id, effect: 'refund_failed', effectRef: wish.id, source: 'api', reason: error.code, nextCheckAt: null }
    }
  }

  async function askRefund(wish: RefundRef): Promise<PaymentFact | 'absent'> {
    const { sessionRef } = wish
    const intent = wish.charge.paymentRef
    const found: Stripe.Refund | undefined = await asked(async () => {
      if (sessionRef !== undefined) return await api.call((stripe) => stripe.refunds.retrieve(sessionRef))
      if (intent === undefined) return undefined
      const page = await api.call((stripe) => stripe.refunds.list({ payment_intent: intent, limit: 100 }))
      return page.data.find((each) => each.metadata?.['refund_id'] === wish.id)
    })
    return found === undefined ? 'absent' : { ...refundNews(fields(found), 'poll'), transactionId: wish.id }
  }

  async function verifyWebhook(webhook: IncomingWebhook): Promise<VerifiedWebhook> {
    const signature = webhook.headers['stripe-signature'] ?? ''
    // What cannot be a signature is refused before the library is loaded for it.
    if (!/(^|,)v1=[0-9a-f]{64}(,|$)/.test(signature)) throw new Refusal('signature_invalid')
    const { webhooks } = await api.library()
    const bytes = Buffer.from(webhook.body)
    const verdicts = await Promise.allSettled(
      config.webhookSecrets.map((secret) =>
        webhooks.constructEventAsync(bytes, signature, secret, toleranceS, undefined, clock.now().getTime()),
      ),
    )
    if (verdicts.every(({ status }) => status === 'rejected')) {
      // The library parses after it has compared, so a body that is no JSON but rightly signed ends here too.
      const isParseFault = verdicts.some((verdict) => verdict.status === 'rejected' && verdict.reason instanceof SyntaxError)
      throw new Refusal(isParseFault ? 'malformed_json' : 'signature_invalid')
    }
    const event = fields(parseMessage(webhook.body))
    const id = plainText(event['id'])
    if (id === undefined) throw new Refusal('malformed_json')
    return {
      dedupeKey: id,
      eventType: plainText(event['type']) ?? 'unknown',
      providerRef: plainText(fields(fields(event['data'])['object'])['id']),
    }
  }

  async function* listSince(from: Date, to: Date): AsyncGenerator<ListedMovement> {
    const stripe = await api.library()
    const created = { gte: Math.floor(from.getTime() / 1_000), lt: Math.floor(to.getTime() / 1_000) }
    for await (const intent of stripe.paymentIntents.list({ created, limit: 100 })) {
      if (intent.status !== 'succeeded' && intent.status !== 'processing') continue
      yield {
        kind: 'charge',
        providerRef: intent.id,
        amountMinor: BigInt(intent.amount_received),
        currency: intent.currency.toUpperCase(),
        status: intent.status === 'succeeded' ? 'succeeded' : 'pending',
        occurredAt: new Date(intent.created * 1_000),
        ourReference: intent.metadata['transaction_id'],
      }
    }
    for await (const each of stripe.refunds.list({ created, limit: 100 })) {
      yield {
        kind: 'refund',
        providerRef: each.id,
        amountMinor: BigInt(each.amount),
        currency: each.currency.toUpperCase(),
        status: each.status === 'succeeded' ? 'succeeded' : each.status === 'failed' || each.status === 'canceled' ? 'failed' : 'pending',
        occurredAt: new Date(each.created * 1_000),
        ourReference: each.metadata?.['refund_id'],
      }
    }
  }

  return {
    name: 'stripe',
    isStartRepeatable: true,
    canRefund: true,
    isRefundRepeatable: true,
    // Half a dollar at least, eight digits at most.
    limits: { leastMinor: 7_000n, mostMinor: 99_999_999n, isWholeShillings: false },
    timing,
    price: (amountMinor) => ({ amountMinor, currency: 'KES' }),
    start,
    ask,
    refund,
    askRefund,
    verifyWebhook,
    readWebhook: (body) => readStripeEvent(body, isLive),
    listSince,
  }
}

const timing = {
  silentAtS: [600, 1_200, 1_800, 2_400, 2_760],
  expireAfterS: 3_000,
  doubtNoUntilS: 0,
  claimedGapsS: [5, 10, 20, 40, 80],
  laterGapS: 300,
  laterTries: 12,
  lookBackS: 7_200,
} as const
