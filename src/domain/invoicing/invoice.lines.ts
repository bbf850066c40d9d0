import { allocate, scale, standardVatBasisPoints, vatInside } from '../../lib/money.ts'

/** One line of a document. Amounts contain their VAT; `totalMinor` is after discount. */
export interface InvoiceLine {
  readonly position: number
  readonly kind: 'goods' | 'delivery'
  readonly vendorId: string | null
  readonly supplierName: string
  readonly supplierPin: string | null
  readonly name: string
  readonly sku: string
  readonly quantity: number
  readonly unitPriceMinor: bigint
  readonly discountMinor: bigint
  readonly vatBasisPoints: number
  readonly vatMinor: bigint
  readonly totalMinor: bigint
}

/** What was sold, as the order froze it. */
export interface BilledOrder {
  readonly totalMinor: bigint
  readonly deliveryMinor: bigint
  readonly goods: readonly Omit<InvoiceLine, 'kind'>[]
}

/** Who stands behind the delivery. */
export interface Seller {
  readonly legalName: string
  readonly kraPin: string
}

/**
 * The lines of an invoice: the goods with the shares of the discount they carry, and the delivery with what is left of it, so that they
 * add up to what was paid. VAT is taken out half up, once a line.
 */
export function invoiceLinesOf(order: BilledOrder, seller: Seller): InvoiceLine[] {
  const goods = order.goods.map((line): InvoiceLine => ({ ...line, kind: 'goods' }))
  const deliveryPaid = order.totalMinor - sum(goods, (line) => line.totalMinor)
  if (order.deliveryMinor === 0n && deliveryPaid === 0n) return goods
  const last = goods.reduce((most, line) => Math.max(most, line.position), 0)
  return [
    ...goods,
    {
      position: last + 1,
      kind: 'delivery',
      vendorId: null,
      supplierName: seller.legalName,
      supplierPin: seller.kraPin,
      name: 'Delivery',
      sku: '',
      quantity: 1,
      unitPriceMinor: order.deliveryMinor,
      discountMinor: order.deliveryMinor - deliveryPaid,
      vatBasisPoints: standardVatBasisPoints,
      vatMinor: vatInside(deliveryPaid, standardVatBasisPoints),
      totalMinor: deliveryPaid,
    },
  ]
}

/** What of each line earlier credit notes gave back, by position. */
export type Credited = ReadonlyMap<number, { readonly totalMinor: bigint; readonly vatMinor: bigint }>

/** What goes back of single lines, by position: a return names its goods. */
export type Wanted = ReadonlyMap<number, bigint>

/**
 * The lines of a credit note of `amountMinor`: what was named, each up to what is left of its line, and the rest over all lines in
 * proportion to what is left of them. A line's VAT follows what has been credited of it altogether, so that notes over the whole of a
 * line take exactly its VAT back. Lines sum to the amount, which is no more than what is left.
 */
export function creditLinesOf(
  lines: readonly InvoiceLine[],
  credited: Credited,
  amountMinor: bigint,
  wanted: Wanted = new Map(),
): InvoiceLine[] {
  const left = lines.map((line) => line.totalMinor - (credited.get(line.position)?.totalMinor ?? 0n))
  let open = amountMinor
  const parts = lines.map((line, index) => {
    const part = least(least(wanted.get(line.position) ?? 0n, left[index] ?? 0n), open)
    open -= part
    return part
  })
  const rest = left.map((each, index) => each - (parts[index] ?? 0n))
  if (open > 0n) allocate(open, rest).forEach((part, index) => void (parts[index] = (parts[index] ?? 0n) + part))
  return lines.flatMap((line, index) => {
    const totalMinor = parts[index] ?? 0n
    if (totalMinor === 0n) return []
    const before = credited.get(line.position) ?? { totalMinor: 0n, vatMinor: 0n }
    const vatMinor = scale(line.vatMinor, before.totalMinor + totalMinor, line.totalMinor) - before.vatMinor
    return [{ ...line, totalMinor, vatMinor, discountMinor: 0n }]
  })
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)

/** Adds up one amount of the lines. */
export const sum = (lines: readonly InvoiceLine[], part: (line: InvoiceLine) => bigint): bigint =>
  lines.reduce((total, line) => total + part(line), 0n)

/** VAT by rate, as a tax return wants it: what was charged before tax, and the tax. */
export function vatByRate(lines: readonly Pick<InvoiceLine, 'vatBasisPoints' | 'totalMinor' | 'vatMinor'>[]) {
  const rates = new Map<number, { vatBasisPoints: number; netMinor: bigint; vatMinor: bigint }>()
  for (const line of lines) {
    const before = rates.get(line.vatBasisPoints) ?? { vatBasisPoints: line.vatBasisPoints, netMinor: 0n, vatMinor: 0n }
    rates.set(line.vatBasisPoints, {
      ...before,
      netMinor: before.netMinor + line.totalMinor - line.vatMinor,
      vatMinor: before.vatMinor + line.vatMinor,
    })
  }
  return [...rates.values()].sort((a, b) => b.vatBasisPoints - a.vatBasisPoints)
}
