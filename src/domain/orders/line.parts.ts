import { partOfUnits } from '../../lib/money.ts'

/** What a line took when it was bought. All amounts include VAT. */
export interface LineAmounts {
  readonly quantity: number
  readonly totalMinor: bigint
  readonly discountMinor: bigint
  /** In `totalMinor` less `discountMinor`. */
  readonly vatMinor: bigint
  readonly commissionMinor: bigint
  readonly commissionVatMinor: bigint
}

/** What some units of a line took. `paidMinor` is what the shopper paid for them. */
export interface LinePart {
  readonly totalMinor: bigint
  readonly discountMinor: bigint
  readonly paidMinor: bigint
  readonly vatMinor: bigint
  readonly commissionMinor: bigint
  readonly commissionVatMinor: bigint
}

/**
 * The part of a line that its units from `first` on took, `count` of them: used where a line comes from two warehouses, and where a
 * part of it comes back. Parts of all units add up to the line to the cent, in whatever portions they are taken; VAT follows what was
 * paid and its commission's VAT the commission, so that a part that cost nothing has none. Pure.
 */
export function partOfLine(line: LineAmounts, first: number, count: number): LinePart {
  const part = (amountMinor: bigint): bigint => partOfUnits(amountMinor, first, count, line.quantity)
  const upTo = (amountMinor: bigint, units: number): bigint => partOfUnits(amountMinor, 0, units, line.quantity)
  const paidUpTo = (units: number): bigint => upTo(line.totalMinor, units) - upTo(line.discountMinor, units)
  const within = (amountMinor: bigint, whole: bigint, from: bigint, to: bigint): bigint =>
    whole === 0n ? 0n : (amountMinor * to) / whole - (amountMinor * from) / whole
  const totalMinor = part(line.totalMinor)
  const discountMinor = part(line.discountMinor)
  return {
    totalMinor,
    discountMinor,
    paidMinor: totalMinor - discountMinor,
    vatMinor: within(line.vatMinor, line.totalMinor - line.discountMinor, paidUpTo(first), paidUpTo(first + count)),
    commissionMinor: part(line.commissionMinor),
    commissionVatMinor: within(
      line.commissionVatMinor,
      line.commissionMinor,
      upTo(line.commissionMinor, first),
      upTo(line.commissionMinor, first + count),
    ),
  }
}
