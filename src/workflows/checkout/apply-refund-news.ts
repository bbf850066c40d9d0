import type { Context } from '../../context.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { matchRefund } from '../../domain/payments/match-refund.ts'
import type { RefundReading } from '../../domain/payments/provider.port.ts'
import { requestRefund } from '../../domain/payments/request-refund.ts'
import { holdsMoney } from '../../domain/payments/transaction.projection.ts'
import { findTransactionRef } from '../../domain/payments/transaction.queries.ts'
import { scale } from '../../lib/money.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { askProvider } from './ask-provider.ts'
import { lockOrderOf } from './lock-order.ts'
import { settlePayment } from './settle-payment.ts'

/**
 * Applies a provider's news of one refund of a charge. A refund we did not ask for (made at the provider's own desk) gets its row
 * first. `too_early`: the charge is not known to hold money, and asking the provider just now did not change that, or it is news of
 * a refund we do not know and of no amount.
 * Throws Refusal refund_exceeds when more would have gone back than came in.
 */
export async function applyRefundNews(
  context: Context,
  chargeId: string,
  reading: RefundReading,
  webhookEventId: string | undefined,
): Promise<'applied' | 'too_early'> {
  if (!(await isPaid(context, chargeId))) {
    await askProvider(context, chargeId)
    if (!(await isPaid(context, chargeId))) return 'too_early'
  }
  const known = await matchRefund(context.payDb, chargeId, reading)
  if (known === undefined && reading.amountMinor === undefined) return 'too_early'
  const refundId = known ?? (await openForeignRefund(context, chargeId, reading, reading.amountMinor ?? 0n))
  await settlePayment(context, {
    ...reading.news,
    ...(reading.refundRef === undefined ? {} : { sessionRef: reading.refundRef }),
    transactionId: refundId,
    ...(webhookEventId === undefined ? {} : { webhookEventId }),
  })
  return 'applied'
}

const isPaid = async (context: Context, chargeId: string): Promise<boolean> =>
  holdsMoney((await findTransactionRef(context.payDb, context.config, chargeId))?.state ?? '')

/** The row of a refund somebody made at the provider. Its key is the provider's id, so that two messages about it make one row. */
async function openForeignRefund(context: Context, chargeId: string, reading: RefundReading, sentMinor: bigint): Promise<string> {
  return await context.payDb.transaction(async (tx) => {
    await lockOrderOf(tx, chargeId)
    const charge = await lockTransaction(tx, chargeId)
    if (reading.currency.toUpperCase() !== charge.providerCurrency) throw new Error('the refund is in another currency than its charge')
    // Of a charge in another currency the last part takes the cents that rounding has left.
    const isWhole = sentMinor === charge.providerAmountMinor
    const share = isWhole ? charge.amountMinor : scale(sentMinor, charge.amountMinor, charge.providerAmountMinor)
    const left = charge.capturedMinor - charge.refundedMinor - charge.refundPendingMinor
    const amountMinor = charge.providerCurrency !== charge.currency && share > left && share - left < 100n ? left : share
    return await requestRefund(tx, systemStamp('payments.webhook', context), charge, {
      amountMinor,
      providerAmountMinor: sentMinor,
      reason: 'made_at_provider',
      canRefund: true,
      key: reading.refundRef ?? reading.news.effectRef,
    })
  })
}
