import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { releaseHolds } from '../../domain/catalog/release-holds.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { openCashCharge } from '../../domain/payments/door-payment.queries.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { lockOrder } from './lock-order.ts'

/**
 * Cancels an order nobody has paid and gives its goods back. While a payment may still arrive the order cannot be cancelled:
 * the shopper may just be typing the PIN. Refuses with not_found, order_state, payment_open.
 */
export async function cancelOrder(context: Context, actor: Actor, number: string, token: string | undefined): Promise<{ id: string }> {
  return context.payDb.transaction(async (tx) => {
    const order = await lockOrder(tx, actor, number, token)
    if (order.state !== 'awaiting_payment') throw new Refusal('order_state')
    const stamp = { now: context.clock.now(), ids: context.ids, actor }
    const open = await tx.execute(sql`
      select 1 from transactions where order_id = ${order.id}::uuid and kind = 'charge' and provider <> 'cod' and state in ('created', 'pending', 'processing', 'review') limit 1`)
    if (open.length > 0) throw new Refusal('payment_open')
    // Cash at the door is nobody typing a PIN; it is simply not taken.
    const cash = await openCashCharge(tx, order.id)
    if (cash !== undefined)
      await applyEvent(tx, stamp, await lockTransaction(tx, cash.id), {
        transactionId: cash.id,
        effect: 'cancelled',
        effectRef: cash.id,
        source: 'system',
        reason: 'order_cancelled',
        nextCheckAt: null,
      })
    await moveOrder(tx, stamp, order, 'cancelled', 'cancelled by the shopper')
    await releaseHolds(tx, stamp, order.id)
    return { id: order.id }
  })
}
