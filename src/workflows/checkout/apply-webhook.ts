import type { Context } from '../../context.ts'
import { findTransactionRef, transactionIdByProviderRef } from '../../domain/payments/transaction.queries.ts'
import { type ClaimedWebhook, finishWebhook, putBackWebhook } from '../../domain/payments/webhook-event.queue.ts'
import { settlePayment } from './settle-payment.ts'

/**
 * Applies one stored message: finds its charge, reads what it says and settles it in the commit that marks the message as done.
 * A message for a charge we do not know waits as `unmatched`, one that could not be applied as `failed`; both are tried again
 * with growing gaps and stay visible when given up.
 */
export async function applyWebhook(context: Context, webhook: ClaimedWebhook): Promise<void> {
  try {
    await apply(context, webhook)
  } catch (error) {
    context.log.error(
      { error, webhookEventId: webhook.id, provider: webhook.provider, attempts: webhook.attempts },
      'webhook could not be applied',
    )
    await putBackWebhook(context.payDb, context.clock.now(), webhook, 'failed', error)
  }
}

async function apply(context: Context, webhook: ClaimedWebhook): Promise<void> {
  const provider = context.providers.get(webhook.provider)
  const now = context.clock.now()
  if (provider === undefined)
    return await putBackWebhook(context.payDb, now, webhook, 'deferred', new Error('the provider is switched off'))
  const id =
    webhook.transactionId ??
    (webhook.providerRef === null ? undefined : await transactionIdByProviderRef(context.payDb, webhook.provider, webhook.providerRef))
  const transaction = id === undefined ? undefined : await findTransactionRef(context.payDb, context.config.appSecret, id)
  if (transaction === undefined)
    return await putBackWebhook(context.payDb, now, webhook, 'unmatched', new Error('no transaction has this reference'))
  const reading = provider.readWebhook(webhook.body, transaction)
  if (reading.kind === 'ignored') return await finishWebhook(context.payDb, { now }, webhook.id, 'ignored', reading.why)
  await settlePayment(context, { ...reading.fact, webhookEventId: webhook.id })
}
