import type { MpesaConfig } from '../../../platform/payment.config.ts'

/** An answer of the simulated API: not always JSON, as in life. */
export interface SimulatedAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** A JSON answer. */
export const json = (status: number, body: unknown): SimulatedAnswer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
})

/** An error in Daraja's form. */
export const failure = (status: number, errorCode: string, errorMessage: string): SimulatedAnswer =>
  json(status, { requestId: `${randomDigits(5)}-${randomDigits(8)}-2`, errorCode, errorMessage })

/** Digits by chance, for ids that look real. */
export const randomDigits = (length: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => byte % 10).join('')

/** A push request as far as it is read. */
export interface PushBody {
  readonly PhoneNumber: unknown
  readonly Amount: unknown
  readonly AccountReference: unknown
  readonly TransactionDesc: unknown
  readonly CallBackURL: unknown
}

/** The checks of the real API that a careless caller meets first; undefined when the request may go on. */
export function refusePush(body: unknown): SimulatedAnswer | undefined {
  const push = body as PushBody & { TransactionType?: unknown; PartyA?: unknown }
  const bad = (what: string): SimulatedAnswer => failure(400, '400.002.02', `Bad Request - Invalid ${what}`)
  if (push.TransactionType !== 'CustomerPayBillOnline' && push.TransactionType !== 'CustomerBuyGoodsOnline') return bad('TransactionType')
  if (!Number.isSafeInteger(Number(push.Amount)) || Number(push.Amount) < 1 || Number(push.Amount) > 250_000) return bad('Amount')
  if (!/^254[17]\d{8}$/.test(String(push.PhoneNumber)) || String(push.PartyA) !== String(push.PhoneNumber)) return bad('PhoneNumber')
  if (typeof push.CallBackURL !== 'string' || !URL.canParse(push.CallBackURL)) return bad('CallBackURL')
  if (!/^[A-Za-z0-9]{1,12}$/.test(String(push.AccountReference))) return bad('AccountReference')
  if (String(push.TransactionDesc).length < 1 || String(push.TransactionDesc).length > 13) return bad('TransactionDesc')
  return undefined
}

/** The password check: short code, passkey and a Nairobi timestamp of about now; one in another zone is what a wrong password usually is. */
export function refusePassword(mpesa: MpesaConfig, body: unknown, now: Date): SimulatedAnswer | undefined {
  const given = (typeof body === 'object' && body !== null ? body : {}) as {
    BusinessShortCode?: unknown
    Password?: unknown
    Timestamp?: unknown
  }
  const timestamp = String(given.Timestamp)
  const expected = Buffer.from(`${mpesa.shortCode}${mpesa.passkey}${timestamp}`).toString('base64')
  const isNow = /^\d{14}$/.test(timestamp) && Math.abs(momentOf(timestamp) - now.getTime()) < 3_600_000
  const isRight = String(given.BusinessShortCode) === mpesa.shortCode && given.Password === expected && isNow
  return isRight ? undefined : failure(500, '500.001.1001', '[MerchantValidate] - Wrong credentials')
}

/** The instant of a Nairobi timestamp. */
const momentOf = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6+03:00'))
