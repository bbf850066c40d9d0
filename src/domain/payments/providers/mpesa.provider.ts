import type { Clock } from '../../../lib/clock.ts'
import { isWholeShillings } from '../../../lib/money.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import { after, darajaTimestamp, minutes, seconds } from '../../../lib/time.ts'
import type { MpesaConfig } from '../../../platform/payment.config.ts'
import { OutgoingError, type Outgoing, type OutgoingAnswer } from '../../../platform/outgoing.ts'
import type {
  IncomingWebhook,
  PaymentFact,
  PaymentProvider,
  RefundRef,
  TransactionRef,
  VerifiedWebhook,
  WebhookReading,
} from '../provider.port.ts'
import { mpesaResult, parseResultCode } from './mpesa.codes.ts'
import { parseStkCallback } from './mpesa.callback.ts'
import { askReversal, nameReversalResult, readReversalAnswer, readReversalResult, reversalBody } from './mpesa.reversal.ts'
import { createMpesaToken } from './mpesa.token.ts'

/** What the adapter needs. */
export interface MpesaOptions {
  readonly mpesa: MpesaConfig
  readonly outgoing: Outgoing
  readonly clock: Clock
}

const currency = 'KES'
const promptLivesMs = minutes(5)

/**
 * M-Pesa by Safaricom's Daraja API: STK push, status query, callback (design: payments.md section 4). A push has no idempotency
 * key, so it is made once and never again blindly; a callback is not signed, so its word about money counts only when the query
 * confirms it. Money goes back by reversal where the shop has an initiator with that right, and otherwise by hand: the right is granted
 * separately and is mostly missing.
 */
export function createMpesa(options: MpesaOptions): PaymentProvider {
  const { mpesa, outgoing, clock } = options
  const token = createMpesaToken(options)
  const host = new URL(mpesa.baseUrl).host

  /** Calls with a token; a refused token is renewed once, which is safe because a refused call did nothing. */
  async function call(path: string, body: Record<string, unknown>, purpose: string, totalTimeoutMs: number): Promise<OutgoingAnswer> {
    for (let isRepeat = false; ; isRepeat = true) {
      const bearer = await token.get()
      const answer = await outgoing.call({
        method: 'POST',
        url: `${mpesa.baseUrl}${path}`,
        headers: { authorization: `Bearer ${bearer}` },
        body,
        totalTimeoutMs,
        maxBytes: 65_536,
        purpose,
      })
      if (isRepeat || (answer.status !== 401 && field(answer.json, 'errorCode') !== '404.001.03')) return answer
      token.refuse(bearer)
    }
  }

  function signed(now: Date) {
    const timestamp = darajaTimestamp(now)
    return {
      BusinessShortCode: mpesa.shortCode,
      Password: Buffer.from(`${mpesa.shortCode}${mpesa.passkey}${timestamp}`).toString('base64'),
      Timestamp: timestamp,
    }
  }

  async function start(transaction: TransactionRef): Promise<PaymentFact> {
    const { phone } = transaction
    if (
      phone === undefined ||
      !isWholeShillings(transaction.providerAmountMinor) ||
      transaction.providerAmountMinor > BigInt(mpesa.maxKes) * 100n
    )
      return rejected(transaction, 'not_possible')
    try {
      await token.get()
    } catch (error) {
      // Without a token nothing was sent, so this is a definite no and the shopper may try again at once.
      if (error instanceof OutgoingError && error.failure !== 'circuit_open') return rejected(transaction, 'provider_unavailable')
      throw error
    }
    const answer = await call(
      '/mpesa/stkpush/v1/processrequest',
      {
        ...signed(clock.now()),
        TransactionType: mpesa.transactionType,
        Amount: Number(transaction.providerAmountMinor / 100n),
        PartyA: phone,
        PartyB: mpesa.shortCode,
        PhoneNumber: phone,
        CallBackURL: `${mpesa.callbackBaseUrl}/webhooks/mpesa/${transaction.callbackToken}`,
        AccountReference: transaction.orderNumber.replaceAll('-', '').slice(0, 12),
        TransactionDesc: 'Rahim Online',
      },
      'mpesa push',
      15_000,
    )
    return readPush(transaction, answer)
  }

  function readPush(transaction: TransactionRef, answer: OutgoingAnswer): PaymentFact {
    const checkoutRequestId = field(answer.json, 'CheckoutRequestID')
    const now = clock.now()
    if (answer.status === 200 && parseResultCode(bare(answer.json, 'ResponseCode')) === 0 && checkoutRequestId !== undefined) {
      return {
        transactionId: transaction.id,
        effect: 'accepted',
        effectRef: checkoutRequestId,
        source: 'api',
        sessionRef: checkoutRequestId,
        paymentRef: field(answer.json, 'MerchantRequestID'),
        nextAction: { kind: 'phone_prompt' },
        expiresAt: after(now, promptLivesMs),
        nextCheckAt: after(now, seconds(timing.silentAtS[0] ?? 15)),
      }
    }
    const errorCode = field(answer.json, 'errorCode')
    const errorText = field(answer.json, 'errorMessage') ?? field(answer.json, 'ResponseDescription') ?? ''
    const isRefused = answer.status === 200 && (parseResultCode(bare(answer.json, 'ResponseCode')) ?? 0) !== 0
    const isDefinite = errorCode !== undefined || isRefused || (answer.status >= 400 && answer.status < 500)
    // A fault of the gateway in front of Daraja leaves open whether the push went through.
    if (!isDefinite) throw new OutgoingError('not_json', host, answer.status)
    return rejected(transaction, refusedReason(answer.status, errorCode, errorText), {
      status: answer.status,
      ...(errorCode === undefined ? {} : { errorCode }),
      text: errorText.slice(0, 200),
    })
  }

  async function ask(transaction: TransactionRef): Promise<PaymentFact> {
    const now = clock.now()
    const base = { transactionId: transaction.id, source: 'poll' } as const
    const checked = { ...base, effect: 'checked', effectRef: `checked-${now.toISOString()}` } as const
    // The answer to the push was lost: only the callback can bring the id to ask by.
    if (transaction.sessionRef === undefined) return { ...checked, reason: 'no_id_yet' }
    const answer = await call(
      '/mpesa/stkpushquery/v1/query',
      { ...signed(now), CheckoutRequestID: transaction.sessionRef },
      'mpesa query',
      10_000,
    )
    if (isBeingProcessed(answer)) return checked
    const code =
      answer.status === 200 && parseResultCode(bare(answer.json, 'ResponseCode')) === 0
        ? parseResultCode(bare(answer.json, 'ResultCode'))
        : undefined
    const isOurs = (field(answer.json, 'CheckoutRequestID') ?? transaction.sessionRef) === transaction.sessionRef
    // Anything but a readable code about this very request is no answer: it is asked again later.
    if (code === undefined || !isOurs) throw new OutgoingError('not_json', host, answer.status)
    const result = mpesaResult(code)
    if (result.effect === 'checked') return checked
    const told = { ...base, effectRef: transaction.sessionRef, sessionRef: transaction.sessionRef, data: { resultCode: code } }
    // The query names no amount: a prompt can only be paid with the amount that was pushed.
    if (code === 0)
      return {
        ...told,
        effect: 'captured',
        provenAmountMinor: transaction.providerAmountMinor,
        provenCurrency: currency,
        nextCheckAt: null,
      }
    return { ...told, effect: result.effect, reason: result.reason }
  }

  async function refund(wish: RefundRef): Promise<PaymentFact> {
    // A charge that came in without its receipt, or a part with cents, can only be sent back by a person.
    if (mpesa.initiator === undefined || wish.charge.receipt === undefined || !isWholeShillings(wish.providerAmountMinor))
      return byHand(wish)
    return readReversalAnswer(wish, await call('/mpesa/reversal/v1/request', reversalBody(mpesa, wish), 'mpesa reversal', 15_000), host)
  }

  function readWebhook(body: Uint8Array): WebhookReading {
    const message = parseBytes(body)
    const callback = parseStkCallback(message)
    if (callback === undefined) return readReversalResult(message) ?? { kind: 'ignored', why: 'not an STK callback' }
    const result = mpesaResult(callback.resultCode)
    const keys = { providerRefs: [callback.checkoutRequestId] }
    const base = {
      source: 'webhook',
      sessionRef: callback.checkoutRequestId,
      ...(callback.merchantRequestId === undefined ? {} : { paymentRef: callback.merchantRequestId }),
      data: { resultCode: callback.resultCode, resultDesc: callback.resultDesc },
    } as const
    if (callback.resultCode === 0) {
      return {
        kind: 'charge',
        keys,
        news: {
          ...base,
          effect: 'success_claimed',
          effectRef: `${callback.checkoutRequestId}:${callback.receipt ?? ''}`,
          ...(callback.amountMinor === undefined ? {} : { provenAmountMinor: callback.amountMinor, provenCurrency: currency }),
          ...(callback.receipt === undefined ? {} : { receipt: callback.receipt }),
          // Confirmed by asking, at once and outside the commit that writes this down.
          nextCheckAt: clock.now(),
        },
      }
    }
    if (result.effect === 'checked' || result.effect === 'success_claimed')
      return { kind: 'ignored', why: `result code ${callback.resultCode} decides nothing` }
    // An expired prompt has been seen to be paid after all, and that success may come without a callback.
    const nextCheckAt = result.effect === 'expired' ? after(clock.now(), minutes(5)) : null
    return {
      kind: 'charge',
      keys,
      news: { ...base, effect: result.effect, effectRef: callback.checkoutRequestId, reason: result.reason, nextCheckAt },
    }
  }

  return {
    name: 'mpesa',
    isStartRepeatable: false,
    canRefund: mpesa.initiator !== undefined,
    isRefundRepeatable: false,
    limits: { leastMinor: 100n, mostMinor: BigInt(mpesa.maxKes) * 100n, isWholeShillings: true },
    timing,
    price: (amountMinor) => ({ amountMinor, currency }),
    start,
    ask,
    refund,
    askRefund: async (wish) => (mpesa.initiator === undefined ? byHand(wish) : askReversal(wish, clock.now())),
    verifyWebhook,
    readWebhook,
  }
}

const timing = {
  silentAtS: [15, 30, 60, 90, 150, 300],
  expireAfterS: 300,
  doubtNoUntilS: 90,
  claimedGapsS: [5, 10, 20, 40, 80],
  laterGapS: 300,
  laterTries: 12,
  lookBackS: 3_600,
} as const

/** Daraja signs nothing, so there is nothing to verify here but the form; the address token is the proof. */
async function verifyWebhook(webhook: IncomingWebhook): Promise<VerifiedWebhook> {
  const message = parseBytes(webhook.body)
  if (typeof message !== 'object' || message === null || Array.isArray(message)) throw new Refusal('malformed_json')
  const callback = parseStkCallback(message)
  const result = callback === undefined ? nameReversalResult(message) : undefined
  if (result !== undefined) return { ...result, eventType: 'reversal' }
  // What cannot be read as a callback is kept too, once for each distinct body, and shows up as ignored.
  if (callback === undefined) return { dedupeKey: `body:${sha256Hex(webhook.body)}`, eventType: 'unknown', providerRef: undefined }
  return {
    dedupeKey: `stk:${callback.checkoutRequestId}:${callback.resultCode}:${callback.receipt ?? ''}`,
    eventType: 'stk',
    providerRef: callback.checkoutRequestId,
  }
}

function parseBytes(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw new Refusal('malformed_json')
    throw error
  }
}

/** Money goes back by hand. */
const byHand = (refund: RefundRef): PaymentFact => ({
  transactionId: refund.id,
  effect: 'refund_manual',
  effectRef: refund.id,
  source: 'system',
  reason: refund.reason,
})

const rejected = (transaction: TransactionRef, reason: string, data: Record<string, unknown> = {}): PaymentFact => ({
  transactionId: transaction.id,
  effect: 'rejected',
  effectRef: transaction.id,
  source: 'api',
  reason,
  nextCheckAt: null,
  data,
})

function refusedReason(status: number, errorCode: string | undefined, text: string): string {
  if (/lock subscriber/i.test(text)) return 'subscriber_locked'
  if (/phone ?number/i.test(text)) return 'phone_refused'
  if (status === 429 || status >= 500 || errorCode?.startsWith('5') === true) return 'provider_unavailable'
  return 'provider_refused'
}

/**
 * "Being processed" comes as an error 500 with a code that means other things on other calls (payments.md 4.2), so the text has to
 * be looked at: the one place where it decides anything.
 */
const isBeingProcessed = (answer: OutgoingAnswer): boolean =>
  field(answer.json, 'errorCode') === '500.001.1001' && /being processed/i.test(field(answer.json, 'errorMessage') ?? '')

const bare = (json: unknown, name: string): unknown =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined

function field(json: unknown, name: string): string | undefined {
  const value = bare(json, name)
  return typeof value === 'string' && /^[\x20-\x7e]{1,500}$/.test(value) ? value : undefined
}
