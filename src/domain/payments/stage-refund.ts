import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue } from '../../platform/outbox.ts'
import type { LockedTransaction } from './apply-event.ts'
import { type RefundRequest, requestRefund } from './request-refund.ts'

/** KES 20,000: what one member of staff may send back from one charge alone. */
export const aloneMinor = 2_000_000n

/**
 * Opens a refund and lets the provider call follow the commit, unless a second person has to confirm it or it is sent by hand. A
 * step; the charge is locked. Answers the refund's id. Refuses with refund_exceeds.
 */
export async function stageRefund(tx: Tx, stamp: Stamp, charge: LockedTransaction, request: RefundRequest): Promise<string> {
  const refundId = await requestRefund(tx, stamp, charge, request)
  if (request.canRefund && request.needsSecond !== true)
    await enqueue(tx, stamp, { topic: 'refund.start', payload: { transactionId: refundId }, dedupeKey: `refund.start:${refundId}` })
  return refundId
}
