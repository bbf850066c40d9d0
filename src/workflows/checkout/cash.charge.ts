import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { openCashCharge } from '../../domain/payments/door-payment.queries.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { openTransaction } from '../../domain/payments/open-transaction.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { checkPaymentMethod } from './check-payment-method.ts'

/** How many payments of an order may still arrive by themselves: somebody may just be typing the PIN. Cash at the door does not. */
export async function openCharges(tx: Tx, orderId: string): Promise<number> {
  const open = await tx.execute(sql`
    select 1 from transactions where order_id = ${orderId}::uuid and kind = 'charge' and provider <> 'cod' and state in ('created', 'pending', 'processing', 'review')`)
  return open.length
}

/** Cash that will not be taken at the door. A step; does nothing when none is waited for. */
export async function closeCashCharge(tx: Tx, stamp: Stamp, orderId: string, reason: string): Promise<void> {
  const open = await openCashCharge(tx, orderId)
  if (open === undefined) return
  await applyEvent(tx, stamp, await lockTransaction(tx, open.id), {
    transactionId: open.id,
    effect: 'cancelled',
    effectRef: open.id,
    source: 'system',
    reason,
    nextCheckAt: null,
  })
}

/** Has the rider ask for what the order costs now: a charge asks for one amount for good, so another one takes its place. A step. */
export async function reopenCashCharge(
  context: Context,
  tx: Tx,
  stamp: Stamp,
  order: { readonly id: string; readonly totalMinor: bigint; readonly contactPhone: string },
): Promise<void> {
  const open = await openCashCharge(tx, order.id)
  if (open?.amountMinor === order.totalMinor) return
  await closeCashCharge(tx, stamp, order.id, 'order_edited')
  const provider = checkPaymentMethod(context, 'cod', order.totalMinor)
  await openTransaction(tx, stamp, {
    orderId: order.id,
    provider: provider.name,
    price: provider.price(order.totalMinor),
    method: 'cod',
    amountMinor: order.totalMinor,
    phone: order.contactPhone,
    appSecret: context.config.appSecret,
  })
}
