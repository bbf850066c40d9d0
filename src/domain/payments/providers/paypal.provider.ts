import { maxPaymentMinor, scale } from '../../../lib/money.ts'
import { after, hours, minutes } from '../../../lib/time.ts'
import type { PaymentFact, PaymentProvider, RefundRef, TransactionRef } from '../provider.port.ts'
import { createPaypalApi, isOk, issueOf, type PaypalOptions } from './paypal.api.ts'
import { captureNews, paypalRefundEffect, readPaypalMessage } from './paypal.message.ts'
import { dollarsFor, moneyValue, paypalCurrency, readMoney } from './paypal.money.ts'
import { paypalOrigin } from './paypal.origin.ts'
import { paypalReport } from './paypal.report.ts'
import { fields, list, plainText } from './wire.values.ts'

type Resource = Readonly<Record<string, unknown>>

const approvalLivesMs = hours(3)
// PayPal remembers the request id of an order this long; after that a repeat would make a second order.
const orderKeyLivesMs = hours(6)
const open: ReadonlySet<string> = new Set(['created', 'pending', 'processing'])

/**
 * PayPal (design: payments.md section 5): an order in dollars at the charge's stored rate, approved by the payer, then captured by us.
 * The capture runs under one request id whoever asks for it first, the page the payer comes back to or the message; its own status
 * alone is money. Messages are proven by PayPal's certificate, and by asking PayPal where that cannot be had.
 */
export function createPaypal(options: PaypalOptions): PaymentProvider {
  const { paypal, clock } = options
  const api = createPaypalApi(options)
  const { call, noAnswer } = api
  async function start(transaction: TransactionRef): Promise<PaymentFact> {
    const answer = await call('POST', '/v2/checkout/orders', 'paypal order', {
      requestId: `ord:${transaction.id}`,
      body: orderBody(transaction),
    })
    const order = fields(answer.json)
    const sessionRef = plainText(order['id'])
    const url = linkOf(order, ['payer-action', 'approve'])
    if (isOk(answer) && sessionRef !== undefined && url !== undefined) {
      const now = clock.now()
      return {
        transactionId: transaction.id,
        effect: 'accepted',
        effectRef: transaction.id,
        source: 'api',
        sessionRef,
        nextAction: { kind: 'redirect', url },
        expiresAt: after(now, approvalLivesMs),
        nextCheckAt: after(now, minutes(15)),
      }
    }
    // A broken or busy PayPal may have made the order all the same; the same request id finds it.
    if (isOk(answer) || answer.status === 409 || answer.status === 429 || answer.status >= 500 || answer.status < 400)
      throw noAnswer(answer)
    return {
      transactionId: transaction.id,
      effect: 'rejected',
      effectRef: transaction.id,
      source: 'api',
      reason: answer.status === 401 || answer.status === 403 ? 'provider_unavailable' : 'provider_refused',
      nextCheckAt: null,
      data: { status: answer.status, issue: issueOf(answer) },
    }
  }

  async function ask(transaction: TransactionRef): Promise<PaymentFact> {
    const { sessionRef } = transaction
    if (sessionRef === undefined) return await findOrder(transaction)
    const answer = await call('GET', `/v2/checkout/orders/${encodeURIComponent(sessionRef)}`, 'paypal order status')
    if (answer.status === 404) return expired(transaction, 'order_gone')
    if (!isOk(answer) || fields(answer.json)['id'] !== sessionRef) throw noAnswer(answer)
    const order = fields(answer.json)
    const captured = captureFact(transaction, order, 'poll')
    if (captured !== undefined) return captured
    switch (order['status']) {
      case 'APPROVED':
        // An attempt that is over is left to lapse: taking its money would only mean to send it back.
        return open.has(transaction.state) ? await capture(transaction, sessionRef) : checked(transaction, 'approved')
      case 'VOIDED':
        return expired(transaction, 'order_voided')
      case 'CREATED':
      case 'SAVED':
      case 'PAYER_ACTION_REQUIRED':
        return checked(transaction)
      default:
        throw noAnswer(answer)
    }
  }

  /** The answer to the start was lost: the same request id brings the same order, as long as PayPal remembers it. */
  async function findOrder(transaction: TransactionRef): Promise<PaymentFact> {
    const ageMs = clock.now().getTime() - (transaction.attemptedAt ?? transaction.createdAt).getTime()
    return open.has(transaction.state) && ageMs < orderKeyLivesMs - minutes(10)
      ? await start(transaction)
      : checked(transaction, 'no_id_yet')
  }

  async function capture(transaction: TransactionRef, sessionRef: string): Promise<PaymentFact> {
    const path = `/v2/checkout/orders/${encodeURIComponent(sessionRef)}`
    const answer = await call('POST', `${path}/capture`, 'paypal capture', {
      requestId: `cap:${transaction.id}`,
      body: {},
      totalTimeoutMs: 30_000,
    })
    const issue = issueOf(answer)
    if (isOk(answer) || issue === 'ORDER_ALREADY_CAPTURED') {
      const made = isOk(answer) ? captureFact(transaction, fields(answer.json), 'api') : undefined
      return made ?? (await readCapture(transaction, path))
    }
    switch (issue) {
      case 'INSTRUMENT_DECLINED':
      case 'PAYER_ACTION_REQUIRED': {
        const url = linkOf(fields(answer.json), ['redirect', 'payer-action', 'approve'])
        return {
          ...checked(transaction, 'declined'),
          effect: 'attempt_failed',
          ...(url === undefined ? {} : { nextAction: { kind: 'redirect', url } as const }),
          data: { issue },
        }
      }
      case 'ORDER_NOT_APPROVED':
        return checked(transaction)
      case 'ORDER_EXPIRED':
        return expired(transaction, 'order_expired')
      case 'DUPLICATE_INVOICE_ID':
      case 'MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED':
      case 'TRANSACTION_REFUSED':
      case 'COMPLIANCE_VIOLATION':
      case 'PAYEE_ACCOUNT_RESTRICTED':
        return {
          transactionId: transaction.id,
          effect: 'failed',
          effectRef: `${sessionRef}:${issue}`,
          source: 'api',
          reason: 'provider_refused',
          nextCheckAt: null,
          data: { issue },
        }
      default:
        throw noAnswer(answer)
    }
  }

  async function readCapture(transaction: TransactionRef, path: string): Promise<PaymentFact> {
    const answer = await call('GET', path, 'paypal order status')
    const fact = isOk(answer) ? captureFact(transaction, fields(answer.json), 'poll') : undefined
    if (fact === undefined) throw noAnswer(answer)
    return fact
  }

  /** What the capture inside an order says; undefined while there is none. The order's own status is not looked at. */
  function captureFact(transaction: TransactionRef, order: Resource, source: 'api' | 'poll'): PaymentFact | undefined {
    const found = firstCapture(order)
    const news = found === undefined ? undefined : captureNews(found)
    if (found === undefined || news === undefined) return undefined
    const base = { ...news, transactionId: transaction.id, source }
    if (typeof found['custom_id'] === 'string' && found['custom_id'] !== transaction.id)
      return { ...base, effect: 'integrity_failed', reason: 'ids_differ' }
    // Asked about for days, maybe: each answer is one of its own, so that the schedule goes on and the charge does not expire.
    if (news.effect === 'processing') return { ...base, effectRef: `${news.effectRef}:${clock.now().toISOString()}` }
    const fee = readMoney(fields(found['seller_receivable_breakdown'])['paypal_fee'])
    if (news.effect !== 'captured' || fee === undefined || fee.currency !== transaction.providerCurrency) return base
    return {
      ...base,
      feeMinor: scale(fee.amountMinor, transaction.amountMinor, transaction.providerAmountMinor),
      data: { paypalFeeMinor: String(fee.amountMinor) },
    }
  }

  const checked = (transaction: TransactionRef, reason?: string): PaymentFact => ({
    transactionId: transaction.id,
    effect: 'checked',
    effectRef: `checked-${clock.now().toISOString()}`,
    source: 'poll',
    ...(reason === undefined ? {} : { reason }),
  })

  async function refund(refund: RefundRef): Promise<PaymentFact> {
    const captureId = refund.charge.paymentRef ?? (await captureIdOf(refund.charge))
    const answer = await call('POST', `/v2/payments/captures/${encodeURIComponent(captureId)}/refund`, 'paypal refund', {
      requestId: `rf:${refund.id}`,
      body: {
        amount: { currency_code: refund.providerCurrency, value: moneyValue(refund.providerAmountMinor) },
        custom_id: refund.id,
        invoice_id: refund.reference.slice(0, 127),
        note_to_payer: `Order ${refund.charge.orderNumber}`,
      },
    })
    const fact = isOk(answer) ? refundFact(refund, fields(answer.json), 'api') : undefined
    if (fact !== undefined) return fact
    if (
      isOk(answer) ||
      answer.status === 409 ||
      answer.status === 401 ||
      answer.status === 429 ||
      answer.status >= 500 ||
      answer.status < 400
    )
      throw noAnswer(answer)
    const issue = issueOf(answer)
    return {
      transactionId: refund.id,
      effect: byHand.has(issue) ? 'refund_manual' : 'refund_failed',
      effectRef: `${refund.id}:${issue}`,
      source: 'api',
      reason: byHand.has(issue) ? issue.toLowerCase() : 'provider_refused',
      nextCheckAt: null,
      data: { status: answer.status, issue },
    }
  }

  async function captureIdOf(charge: TransactionRef): Promise<string> {
    const answer = await call('GET', `/v2/checkout/orders/${encodeURIComponent(charge.sessionRef ?? '')}`, 'paypal order status')
    const id = plainText(firstCapture(fields(answer.json))?.['id'])
    if (!isOk(answer) || id === undefined) throw noAnswer(answer)
    return id
  }

  async function askRefund(refund: RefundRef): Promise<PaymentFact | 'absent'> {
    // Sent again under the same request id it is the same refund, for 45 days.
    if (refund.sessionRef === undefined) return 'absent'
    const answer = await call('GET', `/v2/payments/refunds/${encodeURIComponent(refund.sessionRef)}`, 'paypal refund status')
    if (answer.status === 404) return 'absent'
    const fact = isOk(answer) ? refundFact(refund, fields(answer.json), 'poll') : undefined
    if (fact === undefined) throw noAnswer(answer)
    return fact
  }

  function refundFact(refund: RefundRef, entry: Resource, source: 'api' | 'poll'): PaymentFact | undefined {
    const id = plainText(entry['id'])
    const effect = paypalRefundEffect(entry['status'])
    if (id === undefined || effect === undefined) return undefined
    return {
      ...effect,
      transactionId: refund.id,
      effectRef: id,
      sessionRef: id,
      source,
      nextCheckAt: effect.effect === 'refund_pending' ? after(clock.now(), hours(1)) : null,
    }
  }

  return {
    name: 'paypal',
    isStartRepeatable: true,
    canRefund: true,
    isRefundRepeatable: true,
    limits: { leastMinor: 1_000n, mostMinor: maxPaymentMinor, isWholeShillings: false },
    timing,
    price: (amountMinor) => ({
      amountMinor: dollarsFor(amountMinor, paypal.fxKesPerUsd),
      currency: paypalCurrency,
      fxRate: paypal.fxKesPerUsd,
    }),
    start,
    ask,
    refund,
    askRefund,
    verifyWebhook: paypalOrigin(options, api),
    readWebhook: (body) => readPaypalMessage(body, clock.now()),
    listSince: (from, to) => paypalReport(api, from, to),
  }
}

const timing = {
  silentAtS: [900, 1_800, 3_600, 7_200, 10_800],
  expireAfterS: 10_800,
  // PayPal's "no" to a capture is final at once; there is no prompt somebody may still be answering.
  doubtNoUntilS: 0,
  claimedGapsS: [5, 10, 20, 40, 80],
  laterGapS: 900,
  laterTries: 12,
  lookBackS: 86_400,
} as const

// Refunds PayPal will not make by itself and a person still can.
const byHand: ReadonlySet<string> = new Set([
  'REFUND_TIME_LIMIT_EXCEEDED',
  'REFUND_FAILED_INSUFFICIENT_FUNDS',
  'TRANSACTION_DISPUTED',
  'PENDING_CAPTURE',
])

const firstCapture = (order: Resource): Resource | undefined => {
  const [capture] = list(fields(fields(list(order['purchase_units'])[0])['payments'])['captures'])
  return capture === undefined ? undefined : fields(capture)
}

function linkOf(resource: Resource, rels: readonly string[]): string | undefined {
  const links = list(resource['links']).map(fields)
  for (const rel of rels) {
    const href = plainText(links.find((link) => link['rel'] === rel)?.['href'])
    if (href !== undefined && URL.canParse(href) && /^https?:$/.test(new URL(href).protocol)) return href
  }
  return undefined
}

const expired = (transaction: TransactionRef, reason: string): PaymentFact => ({
  transactionId: transaction.id,
  effect: 'expired',
  effectRef: transaction.sessionRef ?? transaction.id,
  source: 'poll',
  reason,
  nextCheckAt: null,
})

/** Only the total goes out: a list of items would have to add up in dollars to the cent. */
const orderBody = (transaction: TransactionRef): object => ({
  intent: 'CAPTURE',
  purchase_units: [
    {
      reference_id: 'default',
      custom_id: transaction.id,
      invoice_id: transaction.reference,
      description: `Order ${transaction.orderNumber}`,
      amount: { currency_code: transaction.providerCurrency, value: moneyValue(transaction.providerAmountMinor) },
    },
  ],
  payment_source: {
    paypal: {
      experience_context: {
        brand_name: 'Rahim Online',
        user_action: 'PAY_NOW',
        shipping_preference: 'NO_SHIPPING',
        // No eChecks, and so hardly ever a capture that waits for days.
        payment_method_preference: 'IMMEDIATE_PAYMENT_REQUIRED',
        return_url: transaction.returnUrl,
        cancel_url: transaction.returnUrl,
      },
    },
  },
})
