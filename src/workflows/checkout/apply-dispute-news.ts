import type { Context } from '../../context.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { DisputeReading } from '../../domain/payments/provider.port.ts'
import { settleDispute } from '../../domain/payments/settle-dispute.ts'
import { holdsMoney } from '../../domain/payments/transaction.projection.ts'
import { findTransactionRef } from '../../domain/payments/transaction.queries.ts'
import { finishWebhook, lockWebhook } from '../../domain/payments/webhook-event.queue.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { withRetry } from '../../platform/db-error.ts'
import { enqueue } from '../../platform/outbox.ts'
import { askProvider } from './ask-provider.ts'
import { lockOrderOf } from './lock-order.ts'

/**
 * Applies a provider's news of one dispute of a charge, with its posting, in the commit that marks the message as done. It moves
 * neither the order nor the goods: a person decides about those. `too_early`: the charge is not known to hold money, and asking the
 * provider just now did not change that.
 */
export async function applyDisputeNews(
  context: Context,
  chargeId: string,
  reading: DisputeReading,
  webhookEventId: string,
): Promise<'applied' | 'too_early'> {
  if (reading.status !== 'inquiry' && !(await isPaid(context, chargeId))) {
    await askProvider(context, chargeId)
    if (!(await isPaid(context, chargeId))) return 'too_early'
  }
  const stamp = systemStamp('payments.webhook', context)
  const applied = await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        if (!(await lockWebhook(tx, webhookEventId))) return undefined
        await lockOrderOf(tx, chargeId)
        const charge = await lockTransaction(tx, chargeId)
        const news = await settleDispute(tx, stamp, charge, reading, { source: 'webhook', webhookEventId })
        if (news.eventId !== undefined)
          await enqueue(tx, stamp, {
            topic: 'live.order',
            payload: { orderId: charge.orderId },
            dedupeKey: `live.order:${news.eventId}`,
          })
        await finishWebhook(tx, stamp, webhookEventId, 'processed')
        return news
      }),
  )
  // A person has to act on these, in time; the alert is built on this line.
  if (applied?.eventId !== undefined)
    context.log.warn(
      { transactionId: chargeId, dispute: reading.disputeRef, status: reading.status, reason: reading.reason, dueAt: reading.dueAt },
      'payment needs a person',
    )
  context.outbox.wake()
  return 'applied'
}

const isPaid = async (context: Context, chargeId: string): Promise<boolean> =>
  holdsMoney((await findTransactionRef(context.payDb, context.config, chargeId))?.state ?? '')
