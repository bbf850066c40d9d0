import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { mustDrive } from '../../domain/delivery/delivery.rights.ts'
import { type DeliveryRow, findDelivery } from '../../domain/delivery/delivery.row.ts'
import { orders } from '../../domain/orders/order.table.ts'
import { openCashCharge } from '../../domain/payments/door-payment.queries.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { settlePayment } from './settle-payment.ts'

const atTheDoor: ReadonlySet<string> = new Set(['picked_up', 'en_route', 'arriving'])

/** A delivery whose order may be paid at the door by this actor, and whether it is paid already. */
export async function doorOf(
  context: Context,
  actor: PersonActor,
  deliveryId: string,
): Promise<{ delivery: DeliveryRow; orderId: string; isPaid: boolean }> {
  const delivery = await findDelivery(context.payDb, deliveryId)
  if (delivery === undefined) throw new Refusal('not_found')
  mustDrive(actor, delivery)
  const [order] = await context.payDb
    .select({ paidAt: orders.paidAt, method: orders.paymentMethod })
    .from(orders)
    .where(eq(orders.id, delivery.orderId))
  if (order?.method !== 'cod') throw new Refusal('order_state')
  if (order.paidAt === null && !atTheDoor.has(delivery.state)) throw new Refusal('delivery_state')
  return { delivery, orderId: delivery.orderId, isPaid: order.paidAt !== null }
}

/**
 * The rider has counted the cash: the order is paid, and the money is in the rider's hand until it is handed in. Saying it again changes
 * nothing. What was counted must be what is owed; a rider gives change, the books do not. Refuses with not_found, order_state when the
 * order is not paid at the door, delivery_state before pick-up, invalid_input for another amount.
 */
export async function takeCash(context: Context, actor: PersonActor, deliveryId: string, countedMinor: bigint): Promise<void> {
  const { delivery, orderId, isPaid } = await doorOf(context, actor, deliveryId)
  if (isPaid) return
  const charge = await openCashCharge(context.payDb, orderId)
  if (charge === undefined) throw new Refusal('order_state')
  if (countedMinor !== charge.amountMinor)
    throw new Refusal('invalid_input', {
      fields: [{ path: '/body/amountMinor', code: 'amount', message: 'Count again: this is not what is owed.' }],
    })
  await settlePayment(
    context,
    {
      transactionId: charge.id,
      effect: 'captured',
      effectRef: charge.id,
      source: 'api',
      provenAmountMinor: countedMinor,
      provenCurrency: 'KES',
      data: { holderId: delivery.driverId ?? actor.accountId, deliveryId: delivery.id },
    },
    actor,
  )
}
