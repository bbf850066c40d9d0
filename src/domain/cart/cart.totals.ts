import { standardVatBasisPoints, vatBasisPointsOf, vatInside } from '../../lib/money.ts'

/** What a line needs for the sum. */
export interface PricedLine {
  readonly priceMinor: bigint
  readonly quantity: number
  readonly vatClass: string
}

/** What the shopper pays, to the cent. All amounts include VAT; `vatMinor` is what they contain. */
export interface Totals {
  readonly linesMinor: bigint
  readonly discountMinor: bigint
  readonly deliveryMinor: bigint
  readonly vatMinor: bigint
  readonly totalMinor: bigint
}

/** The total of one line. */
export const lineTotal = (line: PricedLine): bigint => line.priceMinor * BigInt(line.quantity)

/** The VAT in one line, rounded half up once a line; sums are sums of rounded lines, so that paper and books agree. */
export const lineVat = (line: PricedLine): bigint => vatInside(lineTotal(line), vatBasisPointsOf(line.vatClass))

/** Adds a bag up. The delivery fee is standard rated. */
export function totalsOf(lines: readonly PricedLine[], deliveryMinor: bigint): Totals {
  const linesMinor = lines.reduce((sum, line) => sum + lineTotal(line), 0n)
  const vatMinor = lines.reduce((sum, line) => sum + lineVat(line), vatInside(deliveryMinor, standardVatBasisPoints))
  return { linesMinor, discountMinor: 0n, deliveryMinor, vatMinor, totalMinor: linesMinor + deliveryMinor }
}
