import type { Context } from '../../context.ts'
import { after, hours, seconds } from '../../lib/time.ts'
import { createRowQueue } from '../../platform/row-queue.ts'
import { startTopics } from '../../domain/payments/open-transaction.ts'
import { claimChecks } from '../../domain/payments/claim-checks.ts'
import { claimWebhooks } from '../../domain/payments/webhook-event.queue.ts'
import { reconcileProvider } from './reconcile-provider.ts'
import { announcePayment } from './announce-payment.ts'
import { applyWebhook } from './apply-webhook.ts'
import { askProvider } from './ask-provider.ts'
import { askRefund } from './ask-refund.ts'
import { expireUnpaid } from './expire-unpaid.ts'
import { startPayment } from './start-payment.ts'
import { startRefund } from './start-refund.ts'

/** The background work of buying: what the outbox, the inbox, due checks and the clock start. Called once a process, before they run. */
export function checkoutJobs(context: Context): void {
  const { outbox, jobs, log, payDb, clock } = context
  const { workLeaseMs } = context.config.limits
  for (const topic of startTopics)
    outbox.handle(topic, async ({ payload }) => void (await startPayment(context, String(payload['transactionId']))))
  outbox.handle('refund.start', async ({ payload }) => void (await startRefund(context, String(payload['transactionId']))))
  outbox.handle('live.order', async ({ payload }) => await announcePayment(context, String(payload['orderId'])))
  outbox.join(
    createRowQueue({
      name: 'inbox',
      claim: async (limit) => await claimWebhooks(payDb, clock.now(), limit, workLeaseMs),
      work: async (webhook) => await applyWebhook(context, webhook),
      log,
      intervalMs: seconds(1),
      mostInHand: 8,
      // A network that was away sends everything at once. What is stored is safe and is applied a moment later, well within the two
      // seconds to `paid`; what is not stored is lost with a time-out at the provider's end.
      stepsBack: { calls: 20, withinMs: 100, holdMs: 750 },
    }),
  )
  outbox.join(
    createRowQueue({
      name: 'payment checks',
      claim: async (limit) => await claimChecks(payDb, clock.now(), limit, 2 * workLeaseMs),
      work: async ({ id, kind }) => void (await (kind === 'refund' ? askRefund(context, id) : askProvider(context, id))),
      log,
      intervalMs: seconds(1),
      mostInHand: 10,
    }),
  )
  // At night, over three days, so that a list that lags is complete the second time.
  jobs.schedule('reconcile', '10 4 * * *', async () => {
    const to = clock.now()
    for (const name of context.providers.names) await reconcileProvider(context, name, { from: after(to, -hours(72)), to })
  })
  jobs.every('expire-unpaid', seconds(15), async () => await expireUnpaid(context))
}
