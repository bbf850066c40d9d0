import { isWholeShillings, partOfUnits } from '../../lib/money.ts'

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
 * part of it comes back. Parts of all units add up to the line to the cent, in whatever portions they are taken. What was paid is
 * spread first, in whole shillings where price and discount are, because M-Pesa sends nothing smaller back; the discount is the rest
 * of the price, and VAT follows what was paid, so that a part that cost nothing has none. Pure.
 */
export function partOfLine(line: LineAmounts, first: number, count: number): LinePart {
  const unitPriceMinor = line.totalMinor / BigInt(line.quantity)
  const step = isWholeShillings(unitPriceMinor) && isWholeShillings(line.discountMinor) ? 100n : 1n
  const wholePaid = line.totalMinor - line.discountMinor
  const paid = (from: number, units: number): bigint => partOfUnits(wholePaid, from, units, line.quantity, step)
  const commission = (from: number, units: number): bigint => partOfUnits(line.commissionMinor, from, units, line.quantity)
  const totalMinor = unitPriceMinor * BigInt(count)
  const paidMinor = paid(first, count)
  return {
    totalMinor,
    discountMinor: totalMinor - paidMinor,
    paidMinor,
    vatMinor: share(line.vatMinor, wholePaid, paid(0, first), paid(0, first + count)),
    commissionMinor: commission(first, count),
    commissionVatMinor: share(line.commissionVatMinor, line.commissionMinor, commission(0, first), commission(0, first + count)),
  }
}

/** What an amount that lies in a whole has between two points of it. */
const share = (amountMinor: bigint, whole: bigint, from: bigint, to: bigint): bigint =>
  whole === 0n ? 0n : (amountMinor * to) / whole - (amountMinor * from) / whole
