import { allocateShillings, standardVatBasisPoints, vatBasisPointsOf, vatInside } from '../../lib/money.ts'
import type { Reduction } from '../promotions/promo.rules.ts'

/** What a line needs for the sum. */
export interface PricedLine {
  readonly priceMinor: bigint
  readonly quantity: number
  readonly vatClass: string
}

/** What one line comes to: its price, its part of the discount, and the VAT in what is left. */
export interface LineTotals {
  readonly totalMinor: bigint
  readonly discountMinor: bigint
  readonly vatMinor: bigint
}

/** What the shopper pays, to the cent. All amounts include VAT; `vatMinor` is what they contain. */
export interface Totals {
  readonly linesMinor: bigint
  readonly discountMinor: bigint
  /** What delivery costs; `waivedDeliveryMinor` is what it would have cost and was given. */
  readonly deliveryMinor: bigint
  readonly waivedDeliveryMinor: bigint
  readonly vatMinor: bigint
  readonly totalMinor: bigint
}

/** The total of one line. */
export const lineTotal = (line: PricedLine): bigint => line.priceMinor * BigInt(line.quantity)

/** What all lines cost before discount and delivery. */
export const linesTotal = (lines: readonly PricedLine[]): bigint => lines.reduce((sum, line) => sum + lineTotal(line), 0n)

const nothingOff: Reduction = { discountMinor: 0n, isDeliveryFree: false }

/**
 * Splits a discount over lines in proportion to their totals, every cent of it, the cents left over to the largest remainders. VAT is
 * taken out of what is left of a line, rounded half up once a line: sums are sums of rounded lines, so that paper and books agree.
 */
export function lineTotals(lines: readonly PricedLine[], discountMinor: bigint): LineTotals[] {
  const totals = lines.map(lineTotal)
  const discounts = discountMinor === 0n ? totals.map(() => 0n) : allocateShillings(discountMinor, totals)
  return lines.map((line, index) => {
    const totalMinor = totals[index] ?? 0n
    const discount = discounts[index] ?? 0n
    return { totalMinor, discountMinor: discount, vatMinor: vatInside(totalMinor - discount, vatBasisPointsOf(line.vatClass)) }
  })
}

/** Adds a bag up. The delivery fee is standard rated; one that is given costs nothing and holds no VAT. */
export function totalsOf(lines: readonly PricedLine[], feeMinor: bigint, reduction: Reduction = nothingOff): Totals {
  const each = lineTotals(lines, reduction.discountMinor)
  const linesMinor = linesTotal(lines)
  const deliveryMinor = reduction.isDeliveryFree ? 0n : feeMinor
  const vatMinor = each.reduce((sum, line) => sum + line.vatMinor, vatInside(deliveryMinor, standardVatBasisPoints))
  return {
    linesMinor,
    discountMinor: reduction.discountMinor,
    deliveryMinor,
    waivedDeliveryMinor: feeMinor - deliveryMinor,
    vatMinor,
    totalMinor: linesMinor + deliveryMinor - reduction.discountMinor,
  }
}
