import type { Context } from '../../context.ts'
import { setPaymentMethod } from '../../domain/orders/rewrite-order.ts'
import { openTransaction } from '../../domain/payments/open-transaction.ts'
import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'
import type { Actor } from '../../lib/actor.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { checkPaymentMethod } from './check-payment-method.ts'
import { lockOrder } from './lock-order.ts'
import { orderToken } from './place-order.ts'

/** A new attempt to pay. */
export interface PaymentAttempt {
  readonly transactionId: string
  readonly reference: string
  readonly method: string
  readonly state: string
  readonly payUrl: string
}

/**
 * Starts another payment for an unpaid order: after a failure, with another number, or another method. The database allows one
 * open charge an order and provider, so two prompts can never be out at once. Refuses with not_found, order_state, phone_invalid,
 * payment_open, payment_method_unavailable.
 */
export async function payAgain(
  context: Context,
  actor: Actor,
  number: string,
  token: string | undefined,
  input: { method: PaymentMethod; phone?: string | undefined },
): Promise<PaymentAttempt> {
  const phone = input.phone === undefined ? undefined : parsePhone(input.phone)
  if (input.phone !== undefined && phone === undefined)
    throw new Refusal('phone_invalid', {
      fields: [{ path: '/body/phone', code: 'phone', message: 'Write a Kenyan mobile number such as 0712 345 678.' }],
    })
  const attempt = await context.payDb.transaction(async (tx) => {
    const order = await lockOrder(tx, actor, number, token)
    if (order.state !== 'awaiting_payment') throw new Refusal('order_state')
    const provider = checkPaymentMethod(context, input.method, order.totalMinor)
    // An order that can be paid at the door still can when another way is tried first.
    if (input.method === 'cod' || order.paymentMethod !== 'cod') await setPaymentMethod(tx, order.id, input.method, phone)
    const payment = await openTransaction(
      tx,
      { now: context.clock.now(), ids: context.ids, actor },
      {
        orderId: order.id,
        provider: provider.name,
        price: provider.price(order.totalMinor),
        method: input.method,
        amountMinor: order.totalMinor,
        phone: phone ?? order.paymentPhone ?? order.contactPhone,
        appSecret: context.config.appSecret,
      },
    )
    return {
      transactionId: payment.id,
      reference: payment.reference,
      method: input.method,
      state: 'created',
      payUrl: `/pay/${orderToken(context, order.id)}`,
    }
  })
  context.outbox.wake()
  return attempt
}
