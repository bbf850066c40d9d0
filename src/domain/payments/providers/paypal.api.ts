import type { Clock } from '../../../lib/clock.ts'
import type { PaypalConfig } from '../../../platform/payment.config.ts'
import { type Outgoing, type OutgoingAnswer, type OutgoingCall, OutgoingError } from '../../../platform/outgoing.ts'
import { createPaypalToken } from './paypal.token.ts'
import { fields, list, plainText } from './wire.values.ts'

/** What the adapter needs. */
export interface PaypalOptions {
  readonly paypal: PaypalConfig
  readonly outgoing: Outgoing
  readonly clock: Clock
}

/** What a call may carry beside its address. */
interface CallParts {
  /** The key under which PayPal answers a repeat like the first. */
  readonly requestId?: string
  readonly body?: object
  /** Sent as it is, for what is signed as it is. */
  readonly text?: string
  readonly totalTimeoutMs?: number
}

/** PayPal's API behind its token. */
export interface PaypalApi {
  call(method: OutgoingCall['method'], path: string, purpose: string, parts?: CallParts): Promise<OutgoingAnswer>
  /** The error for an answer that says nothing about what was asked. */
  noAnswer(answer: OutgoingAnswer): OutgoingError
}

/** Opens the API. */
export function createPaypalApi(options: PaypalOptions): PaypalApi {
  const { paypal, outgoing } = options
  const host = new URL(paypal.baseUrl).host
  const token = createPaypalToken(options)

  /** Calls with a token; a refused token is renewed once, which is safe because a refused call did nothing. */
  async function call(method: OutgoingCall['method'], path: string, purpose: string, more: CallParts = {}): Promise<OutgoingAnswer> {
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

  return { call, noAnswer: (answer) => new OutgoingError('not_json', host, answer.status) }
}

/** Whether a call did what it was to do. */
export const isOk = (answer: OutgoingAnswer): boolean => answer.status >= 200 && answer.status < 300

/** What PayPal names as the trouble; empty when it names none. */
export const issueOf = (answer: OutgoingAnswer): string => {
  const problem = fields(answer.json)
  return plainText(fields(list(problem['details'])[0])['issue']) ?? plainText(problem['name']) ?? ''
}
