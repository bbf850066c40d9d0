import type { Context } from '../../context.ts'
import { openTransaction } from '../../domain/payments/open-transaction.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { checkPaymentMethod } from './check-payment-method.ts'
import { lockOrderById } from './lock-order.ts'
import { doorOf } from './take-cash.ts'

/**
 * The shopper pays at the door by M-Pesa: the rider has a prompt sent, and hands over only when the shop says it is paid, whatever
 * stands on anybody's phone. Refuses with not_found, order_state, delivery_state, phone_invalid, payment_open,
 * payment_method_unavailable.
 */
export async function promptAtDoor(
  context: Context,
  actor: PersonActor,
  deliveryId: string,
  phoneText: string | undefined,
): Promise<{ transactionId: string }> {
  const phone = phoneText === undefined ? undefined : parsePhone(phoneText)
  if (phoneText !== undefined && phone === undefined) throw new Refusal('phone_invalid')
  const { orderId, isPaid } = await doorOf(context, actor, deliveryId)
  if (isPaid) throw new Refusal('order_state')
  const opened = await context.payDb.transaction(async (tx) => {
    const order = await lockOrderById(tx, orderId)
    checkPaymentMethod(context, 'mpesa', order.totalMinor)
    return await openTransaction(
      tx,
      { now: context.clock.now(), ids: context.ids, actor },
      {
        orderId,
        provider: 'mpesa',
        method: 'mpesa',
        amountMinor: order.totalMinor,
        phone: phone ?? order.contactPhone,
        appSecret: context.config.appSecret,
      },
    )
  })
  context.outbox.wake()
  return { transactionId: opened.id }
}
