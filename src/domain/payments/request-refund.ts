import { and, eq, ne } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { applyEvent, type LockedTransaction } from './apply-event.ts'
import type { PostingLine } from './ledger.postings.ts'
import { namedData } from './named-claw-back.queries.ts'
import { transactions } from './transaction.table.ts'

/** Why and how much goes back. */
export interface RefundRequest {
  readonly amountMinor: bigint
  /** What the provider itself has moved, for a refund that was made there; absent: our part of it is computed. */
  readonly providerAmountMinor?: bigint
  /** `duplicate`, `order_cancelled`, `goods_gone`, `return`, ... */
  readonly reason: string
  /** The provider can send it back by itself; otherwise the row waits for a person in state `manual`. */
  readonly canRefund: boolean
  /** Nothing is sent before a second member of staff has confirmed it. */
  readonly needsSecond?: boolean
  /** Makes the request one: a second one with the same key for the same charge changes nothing. */
  readonly key: string
  /** Whose shares it takes, line by line and to the cent (`returnPosting`); absent: everybody's, in proportion. Sums to the amount. */
  readonly ofSale?: readonly PostingLine[]
}

/**
 * Opens a refund of a locked charge: a row of its own with the charge as parent, the charge's pending sum, both events and the
 * posting, in the caller's commit. Answers the refund's id. Refuses with refund_exceeds when more would go back than came in.
 */
export async function requestRefund(tx: Tx, stamp: Stamp, charge: LockedTransaction, request: RefundRequest): Promise<string> {
  const reference = `${charge.reference}-R-${request.key}`
  const [known] = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.parentId, charge.id), eq(transactions.reference, reference)))
  if (known !== undefined) return known.id

  const id = stamp.ids.next()
  const [row] = await tx
    .insert(transactions)
    .values({
      id,
      kind: 'refund',
      provider: charge.provider,
      method: charge.method,
      parentId: charge.id,
      orderId: charge.orderId,
      reference,
      amountMinor: request.amountMinor,
      currency: charge.currency,
      providerAmountMinor: request.providerAmountMinor ?? (await providerPart(tx, charge, request.amountMinor)),
      providerCurrency: charge.providerCurrency,
      state: 'created',
      stateReason: request.reason,
      phone: charge.phone,
      createdAt: stamp.now,
      updatedAt: stamp.now,
    })
    .returning()
  if (row === undefined) throw new Error('the refund row was not written')
  await applyEvent(tx, stamp, charge, {
    transactionId: charge.id,
    effect: 'refund_requested',
    effectRef: id,
    source: 'system',
    provenAmountMinor: request.amountMinor,
    provenCurrency: charge.currency,
    reason: request.reason,
    data: { refundId: id, ...(request.ofSale === undefined ? {} : { ofSale: namedData(request.ofSale, request.amountMinor) }) },
  })
  const opened = await applyEvent(tx, stamp, row, {
    transactionId: id,
    effect: 'refund_requested',
    effectRef: id,
    source: stamp.actor.kind === 'person' ? 'staff' : 'system',
    reason: request.reason,
    ...(request.needsSecond === true ? { data: { needsSecond: true } } : {}),
  })
  if (!request.canRefund && request.needsSecond !== true)
    await applyEvent(tx, stamp, opened.row, {
      transactionId: id,
      effect: 'refund_manual',
      effectRef: id,
      source: 'system',
      reason: request.reason,
    })
  return id
}

/**
 * What a refund is in the provider's currency: a part goes back at the rate the charge was made at, rounded down; the part that
 * completes the charge takes what rounding has left, so that the whole goes back to the cent and never more.
 */
async function providerPart(tx: Tx, charge: LockedTransaction, amountMinor: bigint): Promise<bigint> {
  const share = (amountMinor * charge.providerAmountMinor) / charge.amountMinor
  if (charge.providerCurrency === charge.currency) return share
  const earlier = await tx
    .select({ amountMinor: transactions.providerAmountMinor })
    .from(transactions)
    .where(and(eq(transactions.parentId, charge.id), eq(transactions.kind, 'refund'), ne(transactions.state, 'failed')))
  const left = earlier.reduce((rest, refund) => rest - refund.amountMinor, charge.providerAmountMinor)
  const isLast = amountMinor === charge.capturedMinor - charge.refundedMinor - charge.refundPendingMinor
  const part = isLast || share > left ? left : share
  return part > 0n ? part : 1n
}
