import type { Clock } from '../../../lib/clock.ts'
import { maxPaymentMinor } from '../../../lib/money.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { after, hours, minutes } from '../../../lib/time.ts'
import type { PaystackConfig } from '../../../platform/payment.config.ts'
import { type Outgoing, type OutgoingAnswer, type OutgoingCall, OutgoingError } from '../../../platform/outgoing.ts'
import type { IncomingWebhook, PaymentFact, PaymentProvider, RefundRef, TransactionRef, VerifiedWebhook } from '../provider.port.ts'
import { namePaystackMessage, ownIdIn, paystackRefundEffect, readPaystackMessage } from './paystack.message.ts'
import { paystackReport } from './paystack.report.ts'
import { isSignedByPaystack } from './paystack.signature.ts'
import { fields, momentOf, numericId, plainText, shortText, wholeMinor } from './wire.values.ts'

/** What the adapter needs. */
export interface PaystackOptions {
  readonly paystack: PaystackConfig
  readonly outgoing: Outgoing
  readonly clock: Clock
  /** Paystack wants an e-mail address of every customer; of one who gave none it gets the shop's own, marked with the order. */
  readonly fallbackEmail: string
}

const pageLivesMs = minutes(60)
const waiting = new Set(['abandoned', 'ongoing', 'pending', 'processing', 'queued'])

/**
 * Paystack: a hosted page for cards, mobile money and bank transfers (design: payments.md section 3). Our reference is the
 * idempotency key, and a used one is refused instead of replayed; a success counts only when verify says so too; refunds have no
 * key, so the refunds of the charge are read before a second try.
 */
export function createPaystack(options: PaystackOptions): PaymentProvider {
  const { paystack, outgoing, clock } = options
  const host = new URL(paystack.baseUrl).host
  const [secretKey = ''] = paystack.secretKeys
  // One host serves both modes, and nothing but the key and this word tells them apart.
  const domain = secretKey.startsWith('sk_live_') ? 'live' : 'test'

  const call = async (method: OutgoingCall['method'], path: string, purpose: string, body?: object): Promise<OutgoingAnswer> =>
    await outgoing.call({
      method,
      url: `${paystack.baseUrl}${path}`,
      headers: { authorization: `Bearer ${secretKey}` },
      ...(body === undefined ? {} : { body }),
      totalTimeoutMs: method === 'GET' ? 10_000 : 15_000,
      purpose,
    })

  const noAnswer = (answer: OutgoingAnswer): OutgoingError => new OutgoingError('not_json', host, answer.status)
  const dataOf = (answer: OutgoingAnswer): Readonly<Record<string, unknown>> => fields(fields(answer.json)['data'])
  const isOk = (answer: OutgoingAnswer): boolean => answer.status >= 200 && answer.status < 300 && fields(answer.json)['status'] === true

  /** The data of a list, which must be readable. */
  async function read(path: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await call('GET', path, 'paystack list')
    if (!isOk(answer)) throw noAnswer(answer)
    return fields(answer.json)
  }

  async function start(transaction: TransactionRef): Promise<PaymentFact> {
    let answer: OutgoingAnswer
    try {
      answer = await call('POST', '/transaction/initialize', 'paystack initialize', {
        email: transaction.email ?? guestEmail(options.fallbackEmail, transaction.orderNumber),
        amount: String(transaction.providerAmountMinor),
        currency: transaction.providerCurrency,
        reference: transaction.reference,
        callback_url: transaction.returnUrl,
        channels: ['card', 'mobile_money', 'bank_transfer'],
        metadata: { transaction_id: transaction.id, order_number: transaction.orderNumber, cancel_action: transaction.returnUrl },
      })
    } catch (error) {
      if (error instanceof OutgoingError && error.isUnknown) return await afterLostAnswer(transaction, error)
      throw error
    }
    const url = plainText(dataOf(answer)['authorization_url'])
    const sessionRef = plainText(dataOf(answer)['access_code'])
    if (isOk(answer) && url !== undefined && URL.canParse(url) && /^https?:/.test(url)) {
      const now = clock.now()
      return {
        transactionId: transaction.id,
        effect: 'accepted',
        effectRef: transaction.id,
        source: 'api',
        ...(sessionRef === undefined ? {} : { sessionRef }),
        nextAction: { kind: 'redirect', url },
        expiresAt: after(now, pageLivesMs),
        nextCheckAt: after(now, minutes(3)),
      }
    }
    const isUsed = problemOf(answer).code === 'duplicate_reference' || /duplicate transaction reference/i.test(problemOf(answer).text)
    if (isUsed || isOk(answer) || answer.status >= 500) return await afterLostAnswer(transaction, noAnswer(answer))
    return rejected(transaction, answer.status === 401 || answer.status === 429 ? 'provider_unavailable' : 'provider_refused', {
      status: answer.status,
      text: problemOf(answer).text,
    })
  }

  /**
   * Nobody knows the address of a page whose answer was lost, so nobody can pay on it: once verify has said that nothing was paid,
   * the attempt is over and the next one gets a reference of its own. Unknown only while verify cannot be had either.
   */
  async function afterLostAnswer(transaction: TransactionRef, lost: OutgoingError): Promise<PaymentFact> {
    const fact = await ask(transaction).catch((error: unknown) => {
      throw error instanceof OutgoingError ? lost : error
    })
    return fact.effect === 'checked'
      ? rejected(transaction, 'provider_unavailable', { text: 'the answer was lost' })
      : { ...fact, source: 'api' }
  }

  async function ask(transaction: TransactionRef): Promise<PaymentFact> {
    const answer = await call('GET', `/transaction/verify/${encodeURIComponent(transaction.reference)}`, 'paystack verify')
    const checked = {
      transactionId: transaction.id,
      effect: 'checked',
      effectRef: `checked-${clock.now().toISOString()}`,
      source: 'poll',
    } as const
    if (isAbsent(answer)) return { ...checked, reason: 'no_id_yet' }
    const payment = dataOf(answer)
    // Anything but a readable answer about this very payment is no answer: it is asked again later.
    if (!isOk(answer) || payment['reference'] !== transaction.reference) throw noAnswer(answer)
    const status = plainText(payment['status']) ?? ''
    if (waiting.has(status)) return { ...checked, data: { status } }
    const told = { transactionId: transaction.id, effectRef: transaction.reference, source: 'poll', data: { status } } as const
    const why = foreign(transaction, payment)
    switch (status) {
      case 'success':
        return why === undefined ? captured(transaction, payment) : { ...told, effect: 'integrity_failed', reason: why }
      case 'failed':
        return { ...told, effect: 'failed', reason: declineReason(payment['gateway_response']) }
      case 'reversed':
        // The money came and went again before we saw it. Where a refund tells why, its own news follows; what a bank took back is
        // for a person, before anything is sold for it.
        return why === undefined && (await isRefunded(payment))
          ? captured(transaction, payment)
          : { ...told, effect: 'integrity_failed', reason: why ?? 'reversed' }
      default:
        throw noAnswer(answer)
    }
  }

  /** Why a payment under our reference is none of ours: of the other mode, or marked as another transaction's. */
  function foreign(transaction: TransactionRef, payment: Readonly<Record<string, unknown>>): string | undefined {
    if (payment['domain'] !== domain) return 'wrong_mode'
    return (ownIdIn(payment['metadata']) ?? transaction.id) === transaction.id ? undefined : 'ids_differ'
  }

  /** What was asked for counts; more than that is the fee the customer was made to bear (design: payments.md 3.6). */
  function captured(transaction: TransactionRef, payment: Readonly<Record<string, unknown>>): PaymentFact {
    const amount = wholeMinor(payment['amount'])
    const requested = wholeMinor(payment['requested_amount']) ?? amount
    const proven = amount === undefined || requested === undefined || amount < requested ? amount : requested
    const extra = amount === undefined || proven === undefined ? 0n : amount - proven
    const fees = wholeMinor(payment['fees']) ?? 0n
    const paymentRef = numericId(payment['id'])
    return {
      transactionId: transaction.id,
      effect: 'captured',
      effectRef: transaction.reference,
      source: 'poll',
      ...(proven === undefined ? {} : { provenAmountMinor: proven }),
      ...(plainText(payment['currency']) === undefined ? {} : { provenCurrency: String(payment['currency']) }),
      ...(paymentRef === undefined ? {} : { paymentRef }),
      ...(fees > extra ? { feeMinor: fees - extra } : {}),
      nextCheckAt: null,
      data: {
        channel: plainText(payment['channel']) ?? '',
        ...(extra > 0n ? { feeBorneByCustomerMinor: String(extra) } : {}),
      },
    }
  }

  async function refund(refund: RefundRef): Promise<PaymentFact> {
    const answer = await call('POST', '/refund', 'paystack refund', {
      transaction: refund.charge.paymentRef ?? refund.charge.reference,
      amount: Number(refund.providerAmountMinor),
      currency: refund.providerCurrency,
      // There is no key; our id in the note is what tells two refunds of one amount apart when they are listed.
      merchant_note: noteOf(refund),
      customer_note: `Order ${refund.charge.orderNumber}`,
    })
    if (isOk(answer)) return refundFact(refund, dataOf(answer), 'api') ?? lost(answer)
    // Busy, locked out or broken says nothing about this refund; everything else in the 400s is a definite no.
    if (answer.status === 401 || answer.status === 429 || answer.status >= 500 || answer.status < 400) return lost(answer)
    return {
      transactionId: refund.id,
      effect: 'refund_failed',
      effectRef: refund.id,
      source: 'api',
      reason: 'provider_refused',
      nextCheckAt: null,
      data: { status: answer.status, text: problemOf(answer).text },
    }
  }

  async function refundsOf(paymentId: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const answer = await call('GET', `/refund?transaction=${encodeURIComponent(paymentId)}&perPage=100`, 'paystack refunds of a payment')
    const entries = fields(answer.json)['data']
    if (!isOk(answer) || !Array.isArray(entries)) throw noAnswer(answer)
    return entries.map(fields)
  }

  async function isRefunded(payment: Readonly<Record<string, unknown>>): Promise<boolean> {
    const id = numericId(payment['id'])
    return id !== undefined && (await refundsOf(id)).some(({ status }) => status === 'processed')
  }

  async function askRefund(refund: RefundRef): Promise<PaymentFact | 'absent'> {
    const id = refund.sessionRef?.replace(/^rf_/, '')
    if (id !== undefined) {
      const answer = await call('GET', `/refund/${encodeURIComponent(id)}`, 'paystack refund status')
      return isOk(answer) ? (refundFact(refund, dataOf(answer), 'poll') ?? lost(answer)) : lost(answer)
    }
    const paymentId = refund.charge.paymentRef ?? (await paymentIdOf(refund.charge))
    const ours = (await refundsOf(paymentId)).find((entry) => isOurs(refund, entry))
    const fact = ours === undefined ? undefined : refundFact(refund, ours, 'poll')
    if (ours !== undefined && fact === undefined) throw new OutgoingError('not_json', host)
    return fact ?? 'absent'
  }

  async function paymentIdOf(charge: TransactionRef): Promise<string> {
    const answer = await call('GET', `/transaction/verify/${encodeURIComponent(charge.reference)}`, 'paystack verify')
    const id = numericId(dataOf(answer)['id'])
    if (!isOk(answer) || id === undefined) throw noAnswer(answer)
    return id
  }

  function refundFact(refund: RefundRef, entry: Readonly<Record<string, unknown>>, source: 'api' | 'poll'): PaymentFact | undefined {
    const id = numericId(entry['id'])
    const effect = paystackRefundEffect(entry['status'])
    if (id === undefined || effect === undefined) return undefined
    return {
      ...effect,
      transactionId: refund.id,
      effectRef: `rf_${id}`,
      sessionRef: `rf_${id}`,
      source,
      // An event tells the end of it; asking finds what a lost one would have told.
      nextCheckAt: effect.effect === 'refund_pending' ? after(clock.now(), hours(1)) : null,
    }
  }

  function lost(answer: OutgoingAnswer): never {
    throw noAnswer(answer)
  }

  async function verifyWebhook(webhook: IncomingWebhook): Promise<VerifiedWebhook> {
    if (!isSignedByPaystack(webhook.body, webhook.headers['x-paystack-signature'], paystack.secretKeys))
      throw new Refusal('signature_invalid')
    const named = namePaystackMessage(webhook.body)
    if (named === undefined) throw new Refusal('malformed_json')
    return named
  }

  return {
    name: 'paystack',
    // A used reference is refused and then verified, so a second call can neither charge twice nor lose a payment.
    isStartRepeatable: true,
    canRefund: true,
    isRefundRepeatable: false,
    limits: { leastMinor: 300n, mostMinor: maxPaymentMinor, isWholeShillings: false },
    timing,
    price: (amountMinor) => ({ amountMinor, currency: 'KES' }),
    start,
    ask,
    refund,
    askRefund,
    verifyWebhook,
    readWebhook: (body) => readPaystackMessage(body, domain, clock.now()),
    listSince: (from, to) => paystackReport(read, from, to),
  }
}

const timing = {
  silentAtS: [180, 600, 1_200, 1_800, 2_700, 3_600],
  expireAfterS: 3_600,
  // The hosted page takes another card after a refused one, under the same reference.
  doubtNoUntilS: 300,
  claimedGapsS: [5, 10, 20, 40, 80],
  laterGapS: 300,
  laterTries: 12,
  lookBackS: 86_400,
} as const

const problemOf = (answer: OutgoingAnswer): { code: string; text: string } => {
  const problem = fields(answer.json)
  return { code: plainText(problem['code']) ?? '', text: shortText(problem['message']) ?? '' }
}

const isAbsent = (answer: OutgoingAnswer): boolean =>
  (answer.status === 400 || answer.status === 404) &&
  (problemOf(answer).code === 'transaction_not_found' || /reference not found/i.test(problemOf(answer).text))

const rejected = (transaction: TransactionRef, reason: string, data: Readonly<Record<string, unknown>>): PaymentFact => ({
  transactionId: transaction.id,
  effect: 'rejected',
  effectRef: transaction.id,
  source: 'api',
  reason,
  nextCheckAt: null,
  data,
})

const declineReason = (gatewayResponse: unknown): string =>
  /insufficient/i.test(shortText(gatewayResponse) ?? '') ? 'insufficient_funds' : 'declined'

const noteOf = (refund: RefundRef): string => `refund ${refund.id}`

/** Whether a listed refund is this one: by our note; one whose note was dropped, by its amount and by coming after our attempt. */
function isOurs(refund: RefundRef, entry: Readonly<Record<string, unknown>>): boolean {
  const note = shortText(entry['merchant_note'])
  if (note !== undefined && /^refund [0-9a-f-]{36}$/.test(note)) return note === noteOf(refund)
  const createdAt = momentOf(entry['createdAt'] ?? entry['created_at'])
  const since = after(refund.attemptedAt ?? refund.createdAt, -minutes(2))
  return wholeMinor(entry['amount']) === refund.providerAmountMinor && createdAt !== undefined && createdAt >= since
}

function guestEmail(shopEmail: string, orderNumber: string): string {
  const [name = '', domain = ''] = shopEmail.split('@')
  return `${name}+${orderNumber.toLowerCase()}@${domain}`
}
