import { allocate, scale, standardVatBasisPoints, vatInside } from '../../lib/money.ts'

/** Accounts of the ledger (design: payments.md section 10). LEDGER.md beside this file shows them at work. */
export type LedgerAccount =
  | 'provider_clearing'
  | 'cash_in_hand'
  | 'bank'
  | 'order_receivable'
  | 'customer_to_return'
  | 'refunds_payable'
  | 'suspense'
  | 'payment_fees'
  | 'vendor_payable'
  | 'payouts_payable'
  | 'commission_income'
  | 'commission_vat'
  | 'delivery_income'
  | 'vat_payable'
  | 'discount_given'
  | 'disputed_funds'
  | 'chargeback_loss'
  | 'rounding'

/** One line of a posting: debit positive, credit negative. `vendorId` and `holderId` say whose part of the account it is. */
export interface PostingLine {
  readonly account: LedgerAccount
  readonly amountMinor: bigint
  readonly vendorId?: string | undefined
  /** The rider whose cash it is, for cash_in_hand. */
  readonly holderId?: string | undefined
}

/** What a paid order is worth to whom: the accounts that a sale credits (a discount is debited) and a claw-back takes from. */
export const saleAccounts = [
  'vendor_payable',
  'commission_income',
  'commission_vat',
  'delivery_income',
  'vat_payable',
  'discount_given',
] as const satisfies readonly LedgerAccount[]

/** Where the lines of a sale begin in the posting of the capture that paid for it. */
export const firstSaleLine = 101

const posting = (debit: LedgerAccount, credit: LedgerAccount, amountMinor: bigint): PostingLine[] => [
  { account: debit, amountMinor },
  { account: credit, amountMinor: -amountMinor },
]

/** Whose money a charge is: the price of an order, or a second payment that goes back. */
export const owedAccount = (chargeState: string): LedgerAccount => (chargeState === 'duplicate' ? 'customer_to_return' : 'order_receivable')

/** Where a provider's money lies until it is in our bank; a refund of cash is paid out of the bank. */
export const fundsAccount = (provider: string): LedgerAccount => (provider === 'cod' ? 'bank' : 'provider_clearing')

/**
 * Money proven. From a review it passes through suspense, so that the books show it was in doubt. Cash is in the hand of the rider
 * who counted it.
 */
export function capturedPosting(state: string, amountMinor: bigint, fromReview: boolean, holderId?: string): PostingLine[] {
  const owed = owedAccount(state)
  if (holderId !== undefined)
    return [
      { account: 'cash_in_hand', amountMinor, holderId },
      { account: owed, amountMinor: -amountMinor },
    ]
  return fromReview
    ? [...posting('provider_clearing', 'suspense', amountMinor), ...posting('suspense', owed, amountMinor)]
    : posting('provider_clearing', owed, amountMinor)
}

/** A payout was decided: what the vendor is owed is on its way. */
export const payoutMadePosting = (amountMinor: bigint, vendorId: string): PostingLine[] => [
  { account: 'vendor_payable', amountMinor, vendorId },
  { account: 'payouts_payable', amountMinor: -amountMinor },
]

/** A payout reached the vendor. */
export const payoutSentPosting = (amountMinor: bigint): PostingLine[] => posting('payouts_payable', 'bank', amountMinor)

/** A provider's fee became known. */
export const feePosting = (feeMinor: bigint): PostingLine[] => posting('payment_fees', 'provider_clearing', feeMinor)

/** A rider handed cash in. */
export const handInPosting = (amountMinor: bigint, holderId: string): PostingLine[] => [
  { account: 'bank', amountMinor },
  { account: 'cash_in_hand', amountMinor: -amountMinor, holderId },
]

/** What a sale is made of, frozen when the order was placed. */
export interface Sale {
  readonly totalMinor: bigint
  readonly deliveryMinor: bigint
  readonly discountMinor: bigint
  readonly lines: readonly { readonly vendorId: string; readonly totalMinor: bigint; readonly commissionMinor: bigint }[]
}

/** What a sale is to one vendor: its goods, our commission on them, and the VAT inside that commission. */
export interface VendorShare {
  readonly vendorId: string
  readonly grossMinor: bigint
  readonly commissionMinor: bigint
  readonly commissionVatMinor: bigint
}

/** The shares of a sale's vendors, in the order of their first lines. VAT is taken out of the commission half up, once a line. */
export function vendorShares(lines: Sale['lines']): VendorShare[] {
  const shares = new Map<string, VendorShare>()
  for (const { vendorId, totalMinor, commissionMinor } of lines) {
    const before = shares.get(vendorId)
    shares.set(vendorId, {
      vendorId,
      grossMinor: (before?.grossMinor ?? 0n) + totalMinor,
      commissionMinor: (before?.commissionMinor ?? 0n) + commissionMinor,
      commissionVatMinor: (before?.commissionVatMinor ?? 0n) + vatInside(commissionMinor, standardVatBasisPoints),
    })
  }
  return [...shares.values()]
}

/**
 * A paid order: the shopper owes it, the vendors are owed their lines less our commission, and the rest is ours and the tax
 * office's. Prices contain VAT and so do our commission and the delivery fee; VAT is taken out half up, once a line, and what is
 * left is income, so that every cent is handed out. A discount is the shop's own gift: vendors get their full share.
 */
export function salePosting(sale: Sale): PostingLine[] {
  const deliveryVat = vatInside(sale.deliveryMinor, standardVatBasisPoints)
  return nonZero([
    { account: 'order_receivable', amountMinor: sale.totalMinor },
    { account: 'discount_given', amountMinor: sale.discountMinor },
    ...vendorShares(sale.lines).flatMap(({ vendorId, grossMinor, commissionMinor, commissionVatMinor }): PostingLine[] => [
      { account: 'vendor_payable', vendorId, amountMinor: commissionMinor - grossMinor },
      { account: 'commission_income', vendorId, amountMinor: commissionVatMinor - commissionMinor },
      { account: 'commission_vat', vendorId, amountMinor: -commissionVatMinor },
    ]),
    { account: 'delivery_income', amountMinor: deliveryVat - sale.deliveryMinor },
    { account: 'vat_payable', amountMinor: -deliveryVat },
  ])
}

/** A part of a line that is given back: what the sale took for it. */
export interface ReturnedPart {
  readonly vendorId: string
  readonly totalMinor: bigint
  readonly discountMinor: bigint
  readonly commissionMinor: bigint
  readonly commissionVatMinor: bigint
}

/** What goods that come back take from whom: exactly what they gave, and the delivery with the last of them. Lines sum to the refund. */
export function returnPosting(parts: readonly ReturnedPart[], deliveryMinor: bigint): PostingLine[] {
  const deliveryVat = vatInside(deliveryMinor, standardVatBasisPoints)
  return netted([
    ...parts.flatMap(({ vendorId, totalMinor, discountMinor, commissionMinor, commissionVatMinor }): PostingLine[] => [
      { account: 'vendor_payable', vendorId, amountMinor: totalMinor - commissionMinor },
      { account: 'commission_income', vendorId, amountMinor: commissionMinor - commissionVatMinor },
      { account: 'commission_vat', vendorId, amountMinor: commissionVatMinor },
      { account: 'discount_given', amountMinor: -discountMinor },
    ]),
    { account: 'delivery_income', amountMinor: deliveryMinor - deliveryVat },
    { account: 'vat_payable', amountMinor: deliveryVat },
  ])
}

/**
 * What everybody has given back of a sale when `demandMinor` of it is wanted back, in proportion to their shares and to the cent; what
 * is wanted beyond the sale is the shop's loss. A function of the sum alone, so that refunds and lost disputes come to the same books
 * in whatever order they are told, and a sale taken back in parts is taken back exactly. Lines sum to `demandMinor`.
 */
export function takenBack(sale: readonly PostingLine[], demandMinor: bigint): PostingLine[] {
  const shares = sale.filter((line) => line.amountMinor < 0n)
  const given = sale.reduce((sum, line) => (line.amountMinor > 0n ? sum + line.amountMinor : sum), 0n)
  const worth = -sumOf(shares) - given
  const takenMinor = least(worth, demandMinor)
  if (takenMinor <= 0n) return nonZero([{ account: 'chargeback_loss', amountMinor: demandMinor }])
  const discountBack = scale(given, takenMinor, worth)
  const parts = allocate(
    takenMinor + discountBack,
    shares.map((line) => -line.amountMinor),
  )
  return nonZero([
    ...shares.map((line, index) => ({ ...line, amountMinor: parts[index] ?? 0n })),
    { account: 'discount_given', amountMinor: -discountBack },
    { account: 'chargeback_loss', amountMinor: demandMinor - takenMinor },
  ])
}

/** The posting that brings a sale from one sum wanted back to another. Lines sum to the difference. */
export const takeBack = (sale: readonly PostingLine[], fromMinor: bigint, toMinor: bigint): PostingLine[] =>
  netted([...undone(takenBack(sale, fromMinor)), ...takenBack(sale, toMinor)])

/**
 * The posting that brings a sale from what was taken back of it so far to what is now: `named` are parts taken from whom they came,
 * `wantedMinor` is taken from what is left of the sale by share.
 */
export const takeBackNamed = (
  sale: readonly PostingLine[],
  soFar: readonly PostingLine[],
  named: readonly PostingLine[],
  wantedMinor: bigint,
): PostingLine[] => netted([...named, ...takenBack(netted([...sale, ...named]), wantedMinor), ...undone(soFar)])

/** Whether a line stands where sales are split and taken back. */
export const isOfSale = (line: PostingLine): boolean =>
  line.account === 'chargeback_loss' || (saleAccounts as readonly LedgerAccount[]).includes(line.account)

/** What is known of the books when money is to go back. */
export interface RefundSource {
  readonly chargeState: string
  /** What of this charge came back to us after a refund and still has to be returned. */
  readonly toReturnMinor: bigint
  /** What was paid for the order and bought nothing: more than it cost, or for goods that were gone. */
  readonly unusedMinor: bigint
}

/**
 * Where the money of a refund comes from: a second payment, money that came back to us and money that bought nothing are simply owed
 * (`owed`); the rest is wanted back from those the sale was split to (`ofSaleMinor`).
 */
export function refundFunding(source: RefundSource, amountMinor: bigint): { owed: PostingLine[]; ofSaleMinor: bigint } {
  if (source.chargeState === 'duplicate') return { owed: [{ account: 'customer_to_return', amountMinor }], ofSaleMinor: 0n }
  const waiting = least(source.toReturnMinor, amountMinor)
  const unused = least(source.unusedMinor, amountMinor - waiting)
  return {
    owed: nonZero([
      { account: 'customer_to_return', amountMinor: waiting },
      { account: 'order_receivable', amountMinor: unused },
    ]),
    ofSaleMinor: amountMinor - waiting - unused,
  }
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)

/** The sum of lines; zero for a whole posting. */
export const sumOf = (lines: readonly PostingLine[]): bigint => lines.reduce((sum, line) => sum + line.amountMinor, 0n)

/** A dispute was opened: the provider holds the money. */
export const disputeOpenedPosting = (amountMinor: bigint): PostingLine[] => posting('disputed_funds', 'provider_clearing', amountMinor)

/** Takes postings back, line by line. */
export const undone = (lines: readonly PostingLine[]): PostingLine[] => lines.map((line) => ({ ...line, amountMinor: -line.amountMinor }))

/** Adds lines up by account, vendor and holder, and leaves out what came to nothing. */
export function netted(lines: readonly PostingLine[]): PostingLine[] {
  const sums = new Map<string, PostingLine>()
  for (const line of lines) {
    const key = `${line.account} ${line.vendorId ?? ''} ${line.holderId ?? ''}`
    sums.set(key, { ...line, amountMinor: (sums.get(key)?.amountMinor ?? 0n) + line.amountMinor })
  }
  return nonZero([...sums.values()])
}

const nonZero = (lines: readonly PostingLine[]): PostingLine[] => lines.filter((line) => line.amountMinor !== 0n)
