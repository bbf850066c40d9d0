import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { unseal } from '../../lib/seal.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { after, days } from '../../lib/time.ts'
import { webhookSignature } from '../../lib/webhook-signature.ts'
import { audit } from '../../platform/audit.ts'
import { createRowQueue, type RowQueue } from '../../platform/row-queue.ts'
import type { SendOutcome } from '../../platform/webhook-sender.ts'
import { notify } from '../notifications/notify.ts'
import { webhookAttempts, webhookDeliveries, webhookEndpoints, webhookMessages } from './webhook-endpoint.table.ts'

/** The purpose secrets of endpoints are sealed for. */
export const secretPurpose = 'webhook-endpoint'

/** Waits before the tries, in seconds (Standard Webhooks): at once, then from five seconds to a day, three days in all. */
const waitsS = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
/** An endpoint that took nothing for so long is switched off. */
const patienceMs = days(5)

/** Delivers messages to integrators, the same bytes under the same id at every try. */
export const createWebhookQueue = (context: Context): RowQueue =>
  createRowQueue<{ id: string }>({
    name: 'webhooks',
    log: context.log,
    intervalMs: 2_000,
    mostInHand: 16,
    claim: async (limit) => {
      const now = context.clock.now()
      return await context.db.execute<{ id: string }>(sql`
        update webhook_deliveries set locked_until = ${after(now, 60_000).toISOString()}::timestamptz, attempts = attempts + 1
        where id in (
          select id from webhook_deliveries
          where next_at <= ${now.toISOString()}::timestamptz and (locked_until is null or locked_until <= ${now.toISOString()}::timestamptz)
          order by next_at limit ${limit} for update skip locked)
        returning id`)
    },
    work: async ({ id }) => await deliver(context, id),
  })

async function deliver(context: Context, deliveryId: string): Promise<void> {
  const [found] = await context.db
    .select({ delivery: webhookDeliveries, endpoint: webhookEndpoints, message: webhookMessages })
    .from(webhookDeliveries)
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookDeliveries.endpointId))
    .innerJoin(webhookMessages, eq(webhookMessages.id, webhookDeliveries.messageId))
    .where(eq(webhookDeliveries.id, deliveryId))
  if (found === undefined) return
  const { delivery, endpoint, message } = found
  if (endpoint.status !== 'active' || endpoint.removedAt !== null) return await giveUp(context, delivery.id)
  const startedMs = context.clock.monotonicMs()
  const outcome = await context.webhookSender.send(endpoint.url, headersOf(context, endpoint, message), message.body)
  await write(context, found, outcome, Math.round(context.clock.monotonicMs() - startedMs))
}

type Endpoint = typeof webhookEndpoints.$inferSelect
type Delivery = typeof webhookDeliveries.$inferSelect
type Message = typeof webhookMessages.$inferSelect

function headersOf(context: Context, endpoint: Endpoint, message: Message): Record<string, string> {
  const now = context.clock.now()
  const sealed = [
    endpoint.sealedSecret,
    ...(endpoint.oldSealedSecret !== null && endpoint.oldSecretUntil !== null && endpoint.oldSecretUntil > now
      ? [endpoint.oldSealedSecret]
      : []),
  ]
  const secrets = sealed.map((each) => unseal(context.config.appSecret, secretPurpose, each)).filter((each) => each !== undefined)
  const timestampS = Math.floor(now.getTime() / 1_000)
  return {
    'content-type': 'application/json',
    'user-agent': 'rahim-online-webhooks/1',
    'webhook-id': message.id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': webhookSignature(secrets, message.id, timestampS, message.body),
  }
}

async function write(
  context: Context,
  { delivery, endpoint, message }: { delivery: Delivery; endpoint: Endpoint; message: Message },
  outcome: SendOutcome,
  tookMs: number,
): Promise<void> {
  const now = context.clock.now()
  const isTaken = outcome.failure === undefined && outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300
  // 410 says that nobody lives there any more.
  const isGone = outcome.status === 410
  const waitS = waitsS[delivery.attempts]
  await context.db.transaction(async (tx) => {
    await tx.insert(webhookAttempts).values({
      id: context.ids.next(),
      deliveryId: delivery.id,
      attempt: delivery.attempts,
      failure: outcome.failure ?? null,
      status: outcome.status ?? null,
      answer: outcome.answer,
      tookMs,
      createdAt: now,
    })
    const isOver = isGone || waitS === undefined
    await tx
      .update(webhookDeliveries)
      .set(
        isTaken
          ? { state: 'delivered', deliveredAt: now, nextAt: null, lockedUntil: null }
          : isOver
            ? { state: 'given_up', nextAt: null, lockedUntil: null }
            : // Spread out, so that messages that failed together do not come back together.
              { nextAt: after(now, (waitS ?? 0) * 1_000 * (0.9 + Math.random() * 0.2)), lockedUntil: null },
      )
      .where(and(eq(webhookDeliveries.id, delivery.id), eq(webhookDeliveries.attempts, delivery.attempts)))
    if (isTaken) {
      if (endpoint.failingSince !== null)
        await tx.update(webhookEndpoints).set({ failingSince: null }).where(eq(webhookEndpoints.id, endpoint.id))
      return
    }
    await tx
      .update(webhookEndpoints)
      .set({ failingSince: now })
      .where(and(eq(webhookEndpoints.id, endpoint.id), isNull(webhookEndpoints.failingSince)))
    const isLongDead = endpoint.failingSince !== null && now.getTime() - endpoint.failingSince.getTime() > patienceMs
    if (!isGone && !isLongDead) return
    const reason = isGone ? 'it answered 410 Gone' : 'it took nothing for five days'
    const [disabled] = await tx
      .update(webhookEndpoints)
      .set({ status: 'disabled', disabledReason: reason })
      .where(and(eq(webhookEndpoints.id, endpoint.id), eq(webhookEndpoints.status, 'active')))
      .returning({ id: webhookEndpoints.id })
    if (disabled === undefined) return
    const stamp = systemStamp('webhooks', context)
    await audit(tx, stamp, { action: 'webhook_endpoint.disabled', target: endpoint.id, data: { reason, type: message.type } })
    await notify(tx, stamp, {
      accountId: endpoint.madeBy,
      event: 'account.security',
      about: `${endpoint.id}:${now.toISOString()}`,
      title: 'A webhook endpoint was switched off',
      message: `${new URL(endpoint.url).host}: ${reason}. Mend it and switch it on again.`,
      level: 'warning',
    })
  })
}

async function giveUp(context: Context, deliveryId: string): Promise<void> {
  await context.db
    .update(webhookDeliveries)
    .set({ state: 'given_up', nextAt: null, lockedUntil: null })
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.state, 'waiting')))
}
