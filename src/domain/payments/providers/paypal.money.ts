import { parseDecimal, scale } from '../../../lib/money.ts'
import { fields, plainText } from './wire.values.ts'

/** The one currency asked for: PayPal takes no KES (design: payments.md fact 17). */
export const paypalCurrency = 'USD'

const rateUnits = 1_000_000n

/** US cents for KES cents at a rate of KES for one dollar ("129.25"), half up, and never nothing. */
export function dollarsFor(amountMinor: bigint, kesPerUsd: string): bigint {
  const [whole = '', part = ''] = kesPerUsd.split('.')
  const cents = scale(amountMinor, rateUnits, BigInt(`${whole}${part.slice(0, 6).padEnd(6, '0')}`))
  return cents > 0n ? cents : 1n
}

/** Minor units as PayPal writes them: exact decimals, as text. */
export const moneyValue = (amountMinor: bigint): string => `${amountMinor / 100n}.${String(amountMinor % 100n).padStart(2, '0')}`

/** A money object read as minor units, whatever form its number has ("19", "19.0", "19.00"). Undefined when it is none. */
export function readMoney(value: unknown): { readonly amountMinor: bigint; readonly currency: string } | undefined {
  const { value: text, currency_code: code } = fields(value)
  const amountMinor = parseDecimal(typeof text === 'string' ? text.replace(/^-/, '') : text)
  const currency = plainText(code)?.toUpperCase()
  return amountMinor === undefined || currency === undefined ? undefined : { amountMinor, currency }
}
