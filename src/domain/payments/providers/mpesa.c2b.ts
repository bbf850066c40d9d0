import { parseDecimal } from '../../../lib/money.ts'
import { numericId, shortText } from './wire.values.ts'

/** A payment somebody typed into M-Pesa by hand: our paybill, an account number, an amount. */
export interface PaybillPayment {
  readonly receipt: string
  readonly amountMinor: bigint
  /** The number it was paid to, as the message says. */
  readonly shortCode: string | undefined
  /** What they wrote as the account, cut to plain signs; meant to be an order number. */
  readonly account: string
}

/**
 * Reads a C2B confirmation; undefined for anything that is none. The payer's number is masked since March 2026 and is not read at all:
 * it proves nothing (design: payments.md fact 16).
 */
export function parsePaybill(body: unknown): PaybillPayment | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { TransID, TransAmount, BillRefNumber, BusinessShortCode } = body as Record<string, unknown>
  const amountMinor = parseDecimal(TransAmount)
  if (typeof TransID !== 'string' || !/^[A-Z0-9]{6,20}$/.test(TransID) || amountMinor === undefined || amountMinor <= 0n) return undefined
  return { receipt: TransID, amountMinor, shortCode: numericId(BusinessShortCode), account: shortText(BillRefNumber)?.slice(0, 60) ?? '' }
}

/** The order number somebody meant: any case, with or without RAH, dashes, dots and blanks. Undefined when it cannot be one. */
export function orderNumberMeant(account: string): string | undefined {
  const bare = account.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const rest = bare.startsWith('RAH') ? bare.slice(3) : bare
  return rest === '' ? undefined : `RAH-${rest}`
}
