import { and, eq } from 'drizzle-orm'
import { scale } from '../../lib/money.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type AppliedEvent, applyEvent, type LockedTransaction } from './apply-event.ts'
import type { DisputeReading, PaymentFact } from './provider.port.ts'
import { transactions } from './transaction.table.ts'

/** Where a fact came from, beside what it says. */
export type FactOrigin = Pick<PaymentFact, 'source' | 'webhookEventId'>

/**
 * Applies news of one dispute to a locked charge: the dispute's own row (made by its first news, whichever that is), the charge's
 * disputed sum and the posting, in the caller's commit. An inquiry takes no money and is only noted at the charge. Answers what
 * came of it; a repeat changes nothing.
 */
export async function settleDispute(
  tx: Tx,
  stamp: Stamp,
  charge: LockedTransaction,
  reading: DisputeReading,
  origin: FactOrigin,
): Promise<AppliedEvent> {
  if (reading.status === 'inquiry')
    return await applyEvent(tx, stamp, charge, {
      ...origin,
      transactionId: charge.id,
      effect: 'inquiry_opened',
      effectRef: reading.disputeRef,
      data: { ...reading.news.data, disputeRef: reading.disputeRef, ...told(reading) },
    })
  const dispute = (await findDispute(tx, charge, reading.disputeRef)) ?? (await openDispute(tx, stamp, charge, reading))
  const isNew = dispute.eventCount === 0
  const applied = await applyEvent(tx, stamp, dispute, {
    ...reading.news,
    ...origin,
    transactionId: dispute.id,
    sessionRef: reading.disputeRef,
    data: { ...reading.news.data, ...told(reading) },
  })
  if (applied.eventId === undefined || (!isNew && applied.fromState === applied.row.state)) return applied
  await applyEvent(tx, stamp, charge, {
    ...origin,
    transactionId: charge.id,
    effect: reading.news.effect,
    effectRef: `${dispute.id}:${reading.news.effectRef}`,
    provenAmountMinor: dispute.amountMinor,
    provenCurrency: dispute.currency,
    ...(reading.news.feeMinor === undefined ? {} : { feeMinor: reading.news.feeMinor }),
    data: { disputeId: dispute.id, disputeFrom: isNew ? 'none' : applied.fromState },
  })
  return applied
}

const told = (reading: DisputeReading): Record<string, string> => ({
  ...(reading.reason === undefined ? {} : { disputeReason: reading.reason }),
  ...(reading.dueAt === undefined ? {} : { dueAt: reading.dueAt.toISOString() }),
})

async function findDispute(tx: Tx, charge: LockedTransaction, disputeRef: string): Promise<LockedTransaction | undefined> {
  const [row] = await tx
    .select()
    .from(transactions)
    .where(and(eq(transactions.parentId, charge.id), eq(transactions.kind, 'dispute'), eq(transactions.sessionRef, disputeRef)))
    .for('update')
  return row
}

async function openDispute(tx: Tx, stamp: Stamp, charge: LockedTransaction, reading: DisputeReading): Promise<LockedTransaction> {
  // A bank cannot take more than it paid; what it says beyond that is its fee or its rate.
  const theirs = reading.amountMinor < charge.providerAmountMinor ? reading.amountMinor : charge.providerAmountMinor
  const amountMinor = scale(theirs, charge.amountMinor, charge.providerAmountMinor)
  const [row] = await tx
    .insert(transactions)
    .values({
      id: stamp.ids.next(),
      kind: 'dispute',
      provider: charge.provider,
      method: charge.method,
      parentId: charge.id,
      orderId: charge.orderId,
      reference: `${charge.reference}-D-${reading.disputeRef}`,
      amountMinor,
      currency: charge.currency,
      providerAmountMinor: theirs,
      providerCurrency: charge.providerCurrency,
      state: 'open',
      stateReason: reading.reason ?? null,
      sessionRef: reading.disputeRef,
      createdAt: stamp.now,
      updatedAt: stamp.now,
    })
    .returning()
  if (row === undefined) throw new Error('the dispute row was not written')
  return row
}
