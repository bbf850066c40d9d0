import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { orders } from '../../domain/orders/order.table.ts'
import { openPaybill, type PaybillTarget } from '../../domain/payments/open-paybill.ts'
import { orderNumberMeant, parsePaybill, type PaybillPayment } from '../../domain/payments/providers/mpesa.c2b.ts'
import { type ClaimedWebhook, finishWebhook, lockWebhook } from '../../domain/payments/webhook-event.queue.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { withRetry } from '../../platform/db-error.ts'
import { settlePayment } from './settle-payment.ts'

/**
 * Applies a payment somebody typed into M-Pesa by hand. The address it was sent to is known to Safaricom alone, so its word counts
 * where it names our short code (and came from Safaricom's addresses, where those are configured: take-webhook.ts).
 * Enough for an order pays it, what is too much goes back; too little, or a number that is no order's, waits for a person. News of a
 * prompt's own payment is settled like any other news of that prompt.
 */
export async function applyPaybill(context: Context, webhook: ClaimedWebhook): Promise<void> {
  const payment = parsePaybill(JSON.parse(new TextDecoder().decode(webhook.body)))
  if (payment === undefined)
    return await finishWebhook(context.payDb, { now: context.clock.now() }, webhook.id, 'ignored', 'not a paybill payment')
  // A till is paid at a number of its own, which the shop is not told.
  const { mpesa } = context.config
  if (mpesa?.transactionType !== 'CustomerBuyGoodsOnline' && payment.shortCode !== mpesa?.shortCode) {
    context.log.warn({ webhookEventId: webhook.id }, 'a paybill payment names another short code')
    return await finishWebhook(context.payDb, { now: context.clock.now() }, webhook.id, 'ignored', 'paid to another short code')
  }
  const target = await withRetry(async () => await open(context, webhook, payment))
  if (target === undefined || target.kind === 'known' || target.kind === 'parked') return
  const told = {
    transactionId: target.row.id,
    effectRef: `c2b:${payment.receipt}`,
    source: 'webhook',
    provenAmountMinor: payment.amountMinor,
    provenCurrency: 'KES',
    receipt: payment.receipt,
    webhookEventId: webhook.id,
  } as const
  const isClaim = target.kind === 'prompt' && target.row.state !== 'succeeded'
  await settlePayment(
    context,
    isClaim ? { ...told, effect: 'success_claimed', nextCheckAt: context.clock.now() } : { ...told, effect: 'captured' },
  )
}

async function open(context: Context, webhook: ClaimedWebhook, payment: PaybillPayment): Promise<PaybillTarget | undefined> {
  const stamp = systemStamp('payments.paybill', context)
  return await context.payDb.transaction(async (tx) => {
    if (!(await lockWebhook(tx, webhook.id))) return undefined
    const number = orderNumberMeant(payment.account)
    const [order] =
      number === undefined
        ? []
        : await tx
            .select({ id: orders.id, number: orders.number, totalMinor: orders.totalMinor })
            .from(orders)
            .where(eq(orders.number, number))
            .for('update')
    const target = await openPaybill(tx, stamp, payment, order)
    if (target.kind === 'known' || target.kind === 'parked') {
      await finishWebhook(tx, stamp, webhook.id, 'processed')
      if (target.kind === 'parked')
        context.log.warn({ transactionId: target.row.id, reason: target.row.stateReason }, 'payment needs a person')
    }
    return target
  })
}
