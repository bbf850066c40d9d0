import type { Clock } from '../../../lib/clock.ts'
import { maxPaymentMinor, scale } from '../../../lib/money.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { after, days, hours, minutes } from '../../../lib/time.ts'
import type { PaypalConfig } from '../../../platform/config.ts'
import { type Outgoing, type OutgoingAnswer, type OutgoingCall, OutgoingError } from '../../../platform/outgoing.ts'
import type {
  IncomingWebhook,
  ListedMovement,
  PaymentFact,
  PaymentProvider,
  RefundRef,
  TransactionRef,
  VerifiedWebhook,
} from '../provider.port.ts'
import { createCertificates } from './paypal.certificate.ts'
import { captureNews, namePaypalMessage, paypalRefundEffect, readPaypalMessage } from './paypal.message.ts'
import { dollarsFor, moneyValue, paypalCurrency, readMoney } from './paypal.money.ts'
import { isSignedByPaypal, type PaypalProof, readProof } from './paypal.signature.ts'
import { createPaypalToken } from './paypal.token.ts'
import { fields, list, momentOf, parseMessage, plainText } from './wire.values.ts'

/** What the adapter needs. */
export interface PaypalOptions {
  readonly paypal: PaypalConfig
  readonly outgoing: Outgoing
  readonly clock: Clock
}

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
  const { paypal, outgoing, clock } = options
  const host = new URL(paypal.baseUrl).host
  const token = createPaypalToken(options)
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
    const { text = '' } = await outgoing.call({ method: 'GET', url, takesText: true, purpose: 'paypal simulator root' })
    return [text]
  }

  /** Calls with a token; a refused token is renewed once, which is safe because a refused call did nothing. */
  async function call(
    method: OutgoingCall['method'],
    path: string,
    purpose: string,
    more: { requestId?: string; body?: object; text?: string; totalTimeoutMs?: number } = {},
  ): Promise<OutgoingAnswer> {
    for (let isRepeat = false; ; isRepeat = true) {
      const bearer = await token.get()
      const answer = await outgoing.call({
        method,
        url: `${paypal.baseUrl}${path}`,
        headers: {
          authorization: `Bearer ${bearer}`,
          prefer: 'return=representation',
          ...(more.requestId === undefined ? {} : { 'paypal-request-id': more.requestId }),
        },
        ...(more.body === undefined ? {} : { body: more.body }),
        ...(more.text === undefined ? {} : { text: { type: 'application/json', value: more.text } }),
        totalTimeoutMs: more.totalTimeoutMs ?? (method === 'GET' ? 10_000 : 15_000),
        purpose,
      })
      if (isRepeat || answer.status !== 401) return answer
      token.refuse(bearer)
    }
  }

  const noAnswer = (answer: OutgoingAnswer): OutgoingError => new OutgoingError('not_json', host, answer.status)

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

  /** The report covers at most 31 days at once, and may show one movement twice. */
  async function* listSince(from: Date, to: Date): AsyncIterable<ListedMovement> {
    const seen = new Set<string>()
    for (let start = from; start < to; start = after(start, days(31))) {
      const end = new Date(Math.min(after(start, days(31)).getTime(), to.getTime()))
      for (let page = 1, pages = 1; page <= pages; page += 1) {
        const span = `start_date=${start.toISOString()}&end_date=${end.toISOString()}`
        const answer = await call('GET', `/v1/reporting/transactions?${span}&fields=all&page_size=500&page=${page}`, 'paypal report')
        if (!isOk(answer)) throw noAnswer(answer)
        const report = fields(answer.json)
        pages = typeof report['total_pages'] === 'number' ? Math.min(report['total_pages'], 1_000) : 1
        for (const row of list(report['transaction_details'])) {
          const movement = listed(fields(fields(row)['transaction_info']))
          if (movement === undefined || seen.has(movement.providerRef)) continue
          seen.add(movement.providerRef)
          yield movement
        }
      }
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
    verifyWebhook,
    readWebhook: (body) => readPaypalMessage(body, clock.now()),
    listSince,
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

const isOk = (answer: OutgoingAnswer): boolean => answer.status >= 200 && answer.status < 300

const issueOf = (answer: OutgoingAnswer): string => {
  const problem = fields(answer.json)
  return plainText(fields(list(problem['details'])[0])['issue']) ?? plainText(problem['name']) ?? ''
}

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

const letters: Readonly<Record<string, ListedMovement['status'] | undefined>> = {
  S: 'succeeded',
  V: 'succeeded',
  P: 'pending',
  D: 'failed',
  F: 'failed',
}

/** A row of the report: payments (T00..) and refunds (T1107); fees, transfers and holds are no movement of an order. */
function listed(info: Resource): ListedMovement | undefined {
  const code = plainText(info['transaction_event_code']) ?? ''
  const kind = code.startsWith('T00') ? 'charge' : code === 'T1107' ? 'refund' : undefined
  const providerRef = plainText(info['transaction_id'])
  const money = readMoney(info['transaction_amount'])
  const occurredAt = momentOf(info['transaction_initiation_date'])
  const status = letters[String(info['transaction_status'])]
  if (kind === undefined || providerRef === undefined || money === undefined || occurredAt === undefined || status === undefined)
    return undefined
  return { kind, providerRef, ...money, status, occurredAt, ourReference: plainText(info['custom_field']) ?? plainText(info['invoice_id']) }
}
