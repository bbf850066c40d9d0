import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { applyEvent, type LockedTransaction } from './apply-event.ts'
import type { PaybillPayment } from './providers/mpesa.c2b.ts'
import { transactions } from './transaction.table.ts'

/** The order a paybill payment is for, locked; undefined when its account number names none. */
export interface PaybillOrder {
  readonly id: string
  readonly number: string
  readonly totalMinor: bigint
}

/** What a payment by hand came to: news of a prompt's charge, a charge of its own to settle, or money that waits for a person. */
export type PaybillTarget = { readonly kind: 'prompt' | 'settle' | 'parked' | 'known'; readonly row: LockedTransaction }

/**
 * Finds or makes the charge of a payment typed by hand, in the caller's commit. A receipt counts once, whichever way it came. A prompt
 * for the same order and amount whose receipt is not known yet is most likely this very payment, because Safaricom confirms a paid
 * prompt here too. Too little, or an account number that is no order's, is parked in suspense for a person.
 */
export async function openPaybill(tx: Tx, stamp: Stamp, payment: PaybillPayment, order: PaybillOrder | undefined): Promise<PaybillTarget> {
  const [known] = await tx
    .select()
    .from(transactions)
    .where(and(eq(transactions.provider, 'mpesa'), eq(transactions.receipt, payment.receipt)))
    .for('update')
  if (known !== undefined) return { kind: 'known', row: known }
  const prompt = order === undefined ? undefined : await promptOf(tx, order, payment)
  if (prompt !== undefined) return { kind: 'prompt', row: prompt }

  const isEnough = order !== undefined && payment.amountMinor >= order.totalMinor
  const reference = `${order?.number ?? 'PAYBILL'}-B-${payment.receipt}`
  const [earlier] = await tx.select().from(transactions).where(eq(transactions.reference, reference)).for('update')
  if (earlier !== undefined) return { kind: 'settle', row: earlier }
  const id = stamp.ids.next()
  const [row] = await tx
    .insert(transactions)
    .values({
      id,
      kind: 'charge',
      provider: 'mpesa',
      method: 'paybill',
      orderId: order?.id ?? null,
      reference,
      amountMinor: payment.amountMinor,
      providerAmountMinor: payment.amountMinor,
      // Only money in doubt may be without an order, so such a row begins where its first event leads.
      state: isEnough ? 'created' : 'review',
      createdAt: stamp.now,
      updatedAt: stamp.now,
    })
    .returning()
  if (row === undefined) throw new Error('the charge was not written')
  const created = { transactionId: id, source: 'webhook', effectRef: payment.receipt, data: { account: payment.account } } as const
  if (isEnough) return { kind: 'settle', row: (await applyEvent(tx, stamp, row, { ...created, effect: 'created' })).row }
  const parked = await applyEvent(
    tx,
    stamp,
    { ...row, state: 'created' },
    {
      ...created,
      effect: 'parked',
      provenAmountMinor: payment.amountMinor,
      provenCurrency: 'KES',
      receipt: payment.receipt,
      reason: order === undefined ? 'unknown_order' : 'underpaid',
    },
  )
  return { kind: 'parked', row: parked.row }
}

async function promptOf(tx: Tx, order: PaybillOrder, payment: PaybillPayment): Promise<LockedTransaction | undefined> {
  const [row] = await tx
    .select()
    .from(transactions)
    .where(
      and(
        eq(transactions.orderId, order.id),
        eq(transactions.kind, 'charge'),
        eq(transactions.provider, 'mpesa'),
        eq(transactions.method, 'mpesa'),
        eq(transactions.amountMinor, payment.amountMinor),
        isNull(transactions.receipt),
        inArray(transactions.state, ['created', 'pending', 'processing', 'succeeded']),
      ),
    )
    .orderBy(sql`${transactions.state} = 'succeeded'`)
    .limit(1)
    .for('update')
  return row
}

/** Says which order a payment without one was for; its order never changes afterwards. A step. */
export async function nameOrder(tx: Tx, transactionId: string, orderId: string): Promise<void> {
  await tx
    .update(transactions)
    .set({ orderId })
    .where(and(eq(transactions.id, transactionId), isNull(transactions.orderId)))
}
