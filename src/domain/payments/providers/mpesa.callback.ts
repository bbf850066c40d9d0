import { parseDecimal } from '../../../lib/money.ts'
import { parseResultCode } from './mpesa.codes.ts'

/** An STK callback, as far as it could be read. */
export interface StkCallback {
  readonly checkoutRequestId: string
  readonly merchantRequestId: string | undefined
  readonly resultCode: number
  readonly resultDesc: string
  /** Minor units. Undefined when the message names none. */
  readonly amountMinor: bigint | undefined
  readonly receipt: string | undefined
}

const object = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined

// Ids are ours to store and compare, so they must be plain: no control characters, no lone surrogates, no endless text.
const plain = (value: unknown): string | undefined => (typeof value === 'string' && /^[\x21-\x7e]{1,100}$/.test(value) ? value : undefined)

/** Reads an STK callback (design: payments.md 4.3). Undefined when it is not one, or its result code is not strictly a code. */
export function parseStkCallback(message: unknown): StkCallback | undefined {
  const callback = object(object(object(message)?.['Body'])?.['stkCallback'])
  const checkoutRequestId = plain(callback?.['CheckoutRequestID'])
  const resultCode = parseResultCode(callback?.['ResultCode'])
  if (callback === undefined || checkoutRequestId === undefined || resultCode === undefined) return undefined
  const description = callback['ResultDesc']
  const item = metadata(callback['CallbackMetadata'])
  return {
    checkoutRequestId,
    merchantRequestId: plain(callback['MerchantRequestID']),
    resultCode,
    resultDesc: typeof description === 'string' ? description.replace(/[^\x20-\x7e]/g, '').slice(0, 200) : '',
    amountMinor: parseDecimal(item('Amount')),
    receipt: plain(item('MpesaReceiptNumber')),
  }
}

/** The named values of a success. `Balance` often has no value, payer numbers come masked; neither is looked at. */
function metadata(part: unknown): (name: string) => unknown {
  const items = object(part)?.['Item']
  const list: unknown[] = Array.isArray(items) ? items : []
  return (name) => object(list.find((item) => object(item)?.['Name'] === name))?.['Value']
}
