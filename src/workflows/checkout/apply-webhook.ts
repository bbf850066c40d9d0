import type { Context } from '../../context.ts'
import { type MatchedCharge, matchCharge } from '../../domain/payments/match-charge.ts'
import type { WebhookReading } from '../../domain/payments/provider.port.ts'
import { type ClaimedWebhook, finishWebhook, putBackWebhook } from '../../domain/payments/webhook-event.queue.ts'
import { applyDisputeNews } from './apply-dispute-news.ts'
import { applyPaybill } from './apply-paybill.ts'
import { applyRefundNews } from './apply-refund-news.ts'
import { settlePayment } from './settle-payment.ts'

/**
 * Applies one stored message: reads it, finds the charge it is about and settles what it says in the commit that marks the message
 * as done. A message for a charge we do not know waits as `unmatched`, one that came too early as `deferred`, one that could not be
 * applied as `failed`; all are tried again with growing gaps and stay visible when given up.
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
  const putBack = async (state: 'unmatched' | 'deferred', why: string): Promise<void> =>
    await putBackWebhook(context.payDb, now, webhook, state, new Error(why))
  if (provider === undefined) return await putBack('deferred', 'the provider is switched off')
  if (webhook.eventType === 'c2b') return await applyPaybill(context, webhook)
  // A queue that was too slow says nothing of the money: the result does, or a person when none comes (ask-refund.ts).
  if (webhook.eventType === 'reversal_timeout')
    return await finishWebhook(context.payDb, { now }, webhook.id, 'ignored', 'a reversal waited too long in a queue; its result decides')
  const reading = provider.readWebhook(webhook.body)
  if (reading.kind === 'ignored') return await finishWebhook(context.payDb, { now }, webhook.id, 'ignored', reading.why)
  const match = await whichCharge(context, webhook, reading)
  if (match.kind === 'unknown') return await putBack('unmatched', 'no transaction has this reference')
  if (match.kind === 'clash') return await doubt(context, webhook, match)
  switch (reading.kind) {
    case 'charge':
      return void (await settlePayment(context, { ...reading.news, transactionId: match.id, webhookEventId: webhook.id }))
    case 'refund':
      return (await applyRefundNews(context, match.id, reading, webhook.id)) === 'too_early'
        ? await putBack('deferred', 'the charge it refunds is not known to be paid')
        : undefined
    case 'dispute':
      return (await applyDisputeNews(context, match.id, reading, webhook.id)) === 'too_early'
        ? await putBack('deferred', 'the charge it disputes is not known to be paid')
        : undefined
    default:
      return reading satisfies never
  }
}

/** The address a message was sent to names its charge better than anything in it could. */
async function whichCharge(
  context: Context,
  webhook: ClaimedWebhook,
  reading: Exclude<WebhookReading, { kind: 'ignored' }>,
): Promise<MatchedCharge> {
  if (webhook.transactionId !== null) return { kind: 'found', id: webhook.transactionId }
  return await matchCharge(context.payDb, webhook.provider, reading.keys)
}

/** The ids of one message name two charges of ours: neither is paid by it, and a person looks at the one our stored ids name. */
async function doubt(context: Context, webhook: ClaimedWebhook, { id, other }: { id: string; other: string }): Promise<void> {
  await settlePayment(context, {
    transactionId: id,
    effect: 'integrity_failed',
    effectRef: `clash:${webhook.dedupeKey}`,
    source: 'webhook',
    reason: 'ids_differ',
    webhookEventId: webhook.id,
    data: { other },
  })
}
