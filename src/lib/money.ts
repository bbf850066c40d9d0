/**
 * Money: whole minor units (cents) as bigint, always with a currency, never a float.
 * One rounding rule: half away from zero ("half up" for the positive amounts a shop deals in).
 */

/** Currencies the shop books in. Orders are KES; USD appears only as a provider amount (PayPal takes no KES). */
export type Currency = 'KES' | 'USD'

/** An amount on the wire: integer minor units as a JSON number, and its currency. */
export interface MoneyView {
  amountMinor: number
  currency: Currency
}

/** The largest amount one payment may have: KES 999,999.99, Stripe's eight digits, the tightest of the providers. */
export const maxPaymentMinor = 99_999_999n

/**
 * Multiplies by a fraction and rounds half away from zero: `scale(10000n, 200n, 10000n)` is 2 % of 100.00.
 * Throws RangeError for a denominator of zero or less.
 */
export function scale(amountMinor: bigint, numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('scale: the denominator must be positive')
  const product = amountMinor * numerator
  const doubled = product * 2n + (product < 0n ? -denominator : denominator)
  return doubled / (denominator * 2n)
}

/** The share of `basisPoints` (hundredths of a percent) of an amount, half up: 200 bps of 100.00 is 2.00. */
export const basisPointsOf = (amountMinor: bigint, basisPoints: number): bigint => scale(amountMinor, BigInt(basisPoints), 10_000n)

/** Kenya's standard VAT rate in basis points (VAT Act 2013, 16 %). */
export const standardVatBasisPoints = 1_600

/** VAT in basis points by class (VAT Act 2013): zero-rated and exempt goods carry none. */
export const vatBasisPointsOf = (vatClass: string): number => (vatClass === 'standard' ? standardVatBasisPoints : 0)

/** The VAT contained in a price that includes it, half up: 16/116 of the gross. */
export const vatInside = (grossMinor: bigint, basisPoints: number): bigint =>
  scale(grossMinor, BigInt(basisPoints), 10_000n + BigInt(basisPoints))

/**
 * Splits an amount by weights so that every last cent is handed out: the parts always add up to the amount.
 * Cents left over by rounding down go to the largest remainders, earlier parts first. Weights must not be negative nor all zero.
 */
export function allocate(amountMinor: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  if (total <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('allocate: weights must be positive in sum')
  const sign = amountMinor < 0n ? -1n : 1n
  const amount = amountMinor * sign
  const parts = weights.map((weight) => (amount * weight) / total)
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (amount * weight) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  let left = amount - parts.reduce((sum, part) => sum + part, 0n)
  for (const { index } of byRemainder) {
    if (left === 0n) break
    parts[index] = (parts[index] ?? 0n) + 1n
    left -= 1n
  }
  return parts.map((part) => part * sign)
}

/**
 * Splits an amount as `allocate` does, but in whole shillings where the amount and every weight are whole shillings: M-Pesa cannot
 * send a part with cents back. No part is larger than its weight when the amount is no larger than their sum.
 */
export function allocateShillings(amountMinor: bigint, weights: readonly bigint[]): bigint[] {
  if (!isWholeShillings(amountMinor) || !weights.every(isWholeShillings)) return allocate(amountMinor, weights)
  return allocate(amountMinor / 100n, weights).map((part) => part * 100n)
}

/**
 * The part of an amount that belongs to the units from `first` on, `count` of them, when it is spread over `of` units, in multiples
 * of `step`. The parts of all units add up to the amount (a multiple of the step) in whatever portions they are taken.
 */
export function partOfUnits(amountMinor: bigint, first: number, count: number, of: number, step = 1n): bigint {
  const upTo = (units: number): bigint => ((amountMinor / step) * BigInt(units)) / BigInt(of)
  return (upTo(first + count) - upTo(first)) * step
}

/** M-Pesa moves whole shillings only: tells whether an amount in cents is one. */
export const isWholeShillings = (amountMinor: bigint): boolean => amountMinor % 100n === 0n

/** Rounds cents up to the next whole shilling. */
export const upToShilling = (amountMinor: bigint): bigint => ((amountMinor + 99n) / 100n) * 100n

/** An amount as it goes over the wire. Throws RangeError beyond 2^53-1, where a JSON number would lie. */
export function moneyView(amountMinor: bigint, currency: string = 'KES'): MoneyView {
  if (amountMinor > BigInt(Number.MAX_SAFE_INTEGER) || amountMinor < -BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError('moneyView: the amount does not fit a JSON number')
  }
  return { amountMinor: Number(amountMinor), currency: currency as Currency }
}

const noBreakSpace = '\u00a0'

/** "KSh 1,450" with a no-break space; cents only when there are any: "KSh 1,450.50". USD as "$19.38". */
export function formatMoney(amountMinor: bigint | number, currency: string = 'KES'): string {
  const amount = BigInt(amountMinor)
  const sign = amount < 0n ? '-' : ''
  const absolute = amount < 0n ? -amount : amount
  const cents = absolute % 100n
  const whole = (absolute / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  const text = cents === 0n && currency !== 'USD' ? whole : `${whole}.${cents.toString().padStart(2, '0')}`
  return currency === 'USD' ? `${sign}$${text}` : `${sign}KSh${noBreakSpace}${text}`
}

/**
 * Reads a provider's decimal text or number ("2500", "2500.00", 2500.5) into minor units without floating point.
 * Undefined for anything that is not a plain non-negative decimal with at most two places that count.
 */
export function parseDecimal(value: unknown): bigint | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value
  if (typeof text !== 'string') return undefined
  const match = /^(\d{1,15})(?:\.(\d{1,2})0*)?$/.exec(text)
  if (!match) return undefined
  return BigInt(match[1] ?? '0') * 100n + BigInt((match[2] ?? '').padEnd(2, '0') || '0')
}
