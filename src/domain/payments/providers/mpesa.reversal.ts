import type { MpesaConfig } from '../../../platform/payment.config.ts'
import { OutgoingError, type OutgoingAnswer } from '../../../platform/outgoing.ts'
import { minutes } from '../../../lib/time.ts'
import type { News, PaymentFact, RefundReading, RefundRef } from '../provider.port.ts'
import { parseDecimal } from '../../../lib/money.ts'
import { parseResultCode } from './mpesa.codes.ts'
import { fields, list, plainText, shortText } from './wire.values.ts'

/** How long the word about a reversal may take before a person looks for it at Safaricom's own desk. */
export const reversalSilenceMs = minutes(45)

/** What a reversal is asked for with (design: payments.md 4.6). `RecieverIdentifierType` is spelt as Daraja spells it. */
export function reversalBody(mpesa: MpesaConfig, refund: RefundRef): Record<string, unknown> {
  const address = `${mpesa.callbackBaseUrl}/webhooks/mpesa/${refund.charge.callbackToken}`
  return {
    Initiator: mpesa.initiator?.name,
    SecurityCredential: mpesa.initiator?.securityCredential,
    CommandID: 'TransactionReversal',
    TransactionID: refund.charge.receipt,
    Amount: Number(refund.providerAmountMinor / 100n),
    ReceiverParty: mpesa.shortCode,
    RecieverIdentifierType: '11',
    ResultURL: address,
    QueueTimeOutURL: `${address}/timeout`,
    Remarks: 'Refund',
    Occasion: refund.charge.orderNumber.slice(0, 100),
  }
}

/**
 * Reads the first answer to a reversal: accepted is not done. A definite no sends nothing, so a person sends the money instead. Throws
 * OutgoingError where it is open whether the reversal was taken up.
 */
export function readReversalAnswer(refund: RefundRef, answer: OutgoingAnswer, host: string): PaymentFact {
  const body = fields(answer.json)
  const conversation = plainText(body['ConversationID'])
  const told = { transactionId: refund.id, source: 'api' } as const
  const code = parseResultCode(body['ResponseCode'])
  if (answer.status === 200 && code === 0 && conversation !== undefined)
    return { ...told, effect: 'refund_pending', effectRef: conversation, sessionRef: conversation }
  const errorCode = plainText(body['errorCode'])
  const isRefused = errorCode !== undefined || (answer.status === 200 && code !== undefined && code !== 0)
  if (!isRefused && (answer.status < 400 || answer.status >= 500)) throw new OutgoingError('not_json', host, answer.status)
  return {
    ...told,
    effect: 'refund_manual',
    effectRef: `${refund.id}:refused`,
    reason: 'reversal_refused',
    data: { status: answer.status, ...(errorCode === undefined ? {} : { errorCode }), text: shortText(body['errorMessage']) ?? '' },
  }
}

/**
 * What asking comes to: Daraja has no question about a reversal that is answered at once, so its result is waited for, and after a while
 * a person looks. It is never said to be unknown to the provider, and so it is never sent a second time.
 */
export function askReversal(refund: RefundRef, now: Date): PaymentFact {
  const told = { transactionId: refund.id, source: 'system' } as const
  const isOverdue = now.getTime() - (refund.attemptedAt ?? refund.createdAt).getTime() >= reversalSilenceMs
  return isOverdue
    ? { ...told, effect: 'refund_manual', effectRef: `${refund.id}:silent`, reason: 'reversal_unknown' }
    : { ...told, effect: 'refund_pending', effectRef: `${refund.id}:waiting`, reason: 'waiting_for_result' }
}

/** A result of a reversal, as far as it could be read. */
interface ReversalResult {
  readonly conversationId: string
  readonly resultCode: number
  readonly resultDesc: string
  /** The reversal's own receipt. */
  readonly receipt: string | undefined
  readonly originalReceipt: string | undefined
  readonly amountMinor: bigint | undefined
}

function parseResult(message: unknown): ReversalResult | undefined {
  const result = fields(fields(message)['Result'])
  const conversationId = plainText(result['ConversationID'])
  const resultCode = parseResultCode(result['ResultCode'])
  if (conversationId === undefined || resultCode === undefined) return undefined
  const parameters = list(fields(result['ResultParameters'])['ResultParameter']).map(fields)
  const named = (name: string): unknown => parameters.find((each) => each['Key'] === name)?.['Value']
  const amountMinor = parseDecimal(named('Amount'))
  return {
    conversationId,
    resultCode,
    resultDesc: shortText(result['ResultDesc']) ?? '',
    receipt: plainText(result['TransactionID']),
    originalReceipt: plainText(named('OriginalTransactionID')),
    amountMinor: amountMinor !== undefined && amountMinor > 0n ? amountMinor : undefined,
  }
}

/** How the inbox names a result; undefined for what is none. */
export function nameReversalResult(message: unknown): { dedupeKey: string; providerRef: string } | undefined {
  const result = parseResult(message)
  if (result === undefined) return undefined
  return { dedupeKey: `result:${result.conversationId}:${result.resultCode}`, providerRef: result.conversationId }
}

// The published sample carries this code beside the words of a success: a person decides (design: payments.md 4.6).
const doubtfulCode = 21

/** Reads a stored result; undefined for what is none. Only 0 is money sent back. */
export function readReversalResult(message: unknown): RefundReading | undefined {
  const result = parseResult(message)
  if (result === undefined) return undefined
  const { conversationId, resultCode, resultDesc, receipt } = result
  const told = {
    source: 'webhook',
    effectRef: conversationId,
    sessionRef: conversationId,
    data: { resultCode, resultDesc },
  } as const
  const news: News =
    resultCode === 0
      ? { ...told, effect: 'refund_succeeded', nextCheckAt: null, ...(receipt === undefined ? {} : { receipt }) }
      : resultCode === doubtfulCode
        ? { ...told, effect: 'refund_manual', reason: 'reversal_doubtful', nextCheckAt: null }
        : { ...told, effect: 'refund_failed', reason: 'reversal_failed', nextCheckAt: null }
  return {
    kind: 'refund',
    keys: { providerRefs: result.originalReceipt === undefined ? [] : [result.originalReceipt] },
    refundRef: conversationId,
    amountMinor: result.amountMinor,
    currency: 'KES',
    news,
  }
}
