/** Accounts of the ledger that payments write to (design: payments.md section 10). */
export type LedgerAccount =
  'provider_clearing' | 'order_receivable' | 'customer_to_return' | 'refunds_payable' | 'suspense' | 'payment_fees'

/** One line of a posting: debit positive, credit negative. */
export interface PostingLine {
  readonly account: LedgerAccount
  readonly amountMinor: bigint
}

const posting = (debit: LedgerAccount, credit: LedgerAccount, amountMinor: bigint): PostingLine[] => [
  { account: debit, amountMinor },
  { account: credit, amountMinor: -amountMinor },
]

/** Whose money a charge is: the price of an order, or a second payment that goes back. */
export const owedAccount = (chargeState: string): LedgerAccount => (chargeState === 'duplicate' ? 'customer_to_return' : 'order_receivable')

/** Money proven. From a review it passes through suspense, so that the books show it was in doubt. */
export const capturedPosting = (state: string, amountMinor: bigint, fromReview: boolean): PostingLine[] =>
  fromReview
    ? [...posting('provider_clearing', 'suspense', amountMinor), ...posting('suspense', owedAccount(state), amountMinor)]
    : posting('provider_clearing', owedAccount(state), amountMinor)

/** A provider's fee became known. */
export const feePosting = (feeMinor: bigint): PostingLine[] => posting('payment_fees', 'provider_clearing', feeMinor)

/** A refund was asked for. */
export const refundRequestedPosting = (chargeState: string, amountMinor: bigint): PostingLine[] =>
  posting(owedAccount(chargeState), 'refunds_payable', amountMinor)

/** A refund reached the customer; one that had failed (or had come back to us, `returned`) is owed again first. */
export function refundSucceededPosting(chargeState: string, amountMinor: bigint, refundFrom: string): PostingLine[] {
  const sent = posting('refunds_payable', 'provider_clearing', amountMinor)
  if (refundFrom === 'returned') return [...posting('customer_to_return', 'refunds_payable', amountMinor), ...sent]
  return refundFrom === 'failed' ? [...refundRequestedPosting(chargeState, amountMinor), ...sent] : sent
}

/** A refund did not happen, or came back to us after it had succeeded. */
export const refundFailedPosting = (chargeState: string, amountMinor: bigint, refundFrom: string): PostingLine[] =>
  refundFrom === 'succeeded'
    ? posting('provider_clearing', 'customer_to_return', amountMinor)
    : posting('refunds_payable', owedAccount(chargeState), amountMinor)
