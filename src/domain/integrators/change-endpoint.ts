import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { seal } from '../../lib/seal.ts'
import { after, hours } from '../../lib/time.ts'
import { newWebhookSecret } from '../../lib/webhook-signature.ts'
import { audit } from '../../platform/audit.ts'
import { tellIntegrators } from './tell-integrators.ts'
import type { WebhookEvent } from './webhook.events.ts'
import { webhookDeliveries, webhookEndpoints } from './webhook-endpoint.table.ts'
import { secretPurpose } from './webhook.queue.ts'

/** Whose endpoints somebody works with: a vendor's, or (null) the shop's. In the condition of every statement. */
export type EndpointOwner = string | null

const mostEndpoints = 20
const ofOwner = (endpointId: string, owner: EndpointOwner) =>
  and(
    eq(webhookEndpoints.id, endpointId),
    owner === null ? isNull(webhookEndpoints.vendorId) : eq(webhookEndpoints.vendorId, owner),
    isNull(webhookEndpoints.removedAt),
  )

/** What an endpoint is to be. */
export interface EndpointWish {
  readonly url: string
  readonly types: readonly WebhookEvent[]
  readonly description?: string | undefined
}

/** Refuses with webhook_address an address that may not be called: http in production, a private network, credentials in it. */
async function mustBeCallable(context: Context, text: string): Promise<void> {
  if (!URL.canParse(text)) throw new Refusal('webhook_address')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') throw new Refusal('webhook_address')
  const failure = await context.webhookSender.check(text)
  if (failure !== undefined) throw new Refusal('webhook_address', { extra: { reason: failure } })
}

/** Makes an endpoint. Its secret is answered once and never shown again. Refuses with webhook_address, conflict past twenty. */
export async function makeEndpoint(
  context: Context,
  actor: PersonActor,
  owner: EndpointOwner,
  wish: EndpointWish,
): Promise<{ id: string; secret: string }> {
  await mustBeCallable(context, wish.url)
  const [id, secret, now] = [context.ids.next(), newWebhookSecret(), context.clock.now()]
  await context.db.transaction(async (tx) => {
    const [kept] = await tx.execute<{ count: number }>(sql`
      select count(*)::int as count from webhook_endpoints where vendor_id is not distinct from ${owner}::uuid and removed_at is null`)
    if ((kept?.count ?? 0) >= mostEndpoints) throw new Refusal('conflict', { detail: 'There are twenty endpoints already.' })
    await tx.insert(webhookEndpoints).values({
      id,
      vendorId: owner,
      madeBy: actor.accountId,
      url: wish.url,
      description: wish.description ?? '',
      types: [...new Set(wish.types)],
      sealedSecret: seal(context.config.appSecret, secretPurpose, secret),
      createdAt: now,
    })
    await audit(
      tx,
      { now, ids: context.ids, actor },
      { action: 'webhook_endpoint.made', target: id, data: { host: new URL(wish.url).host, types: wish.types } },
    )
  })
  return { id, secret }
}

/** What can be done with an endpoint one has. */
export type EndpointDeed =
  | {
      readonly kind: 'change'
      readonly url?: string | undefined
      readonly types?: readonly WebhookEvent[] | undefined
      readonly status?: 'active' | 'disabled' | undefined
    }
  | { readonly kind: 'rotate' }
  | { readonly kind: 'test' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'replay'; readonly deliveryId: string }

/**
 * Changes an endpoint, sends a test, a message once more, or gives it a new secret (the old one signs too for a day, so that the
 * receiver can change over). Refuses with not_found for a foreign one, webhook_address. Answers the new secret, if there is one.
 */
export async function changeEndpoint(
  context: Context,
  actor: PersonActor,
  owner: EndpointOwner,
  endpointId: string,
  deed: EndpointDeed,
): Promise<string | undefined> {
  if (!isUuid(endpointId)) throw new Refusal('not_found')
  if (deed.kind === 'change' && deed.url !== undefined) await mustBeCallable(context, deed.url)
  const now = context.clock.now()
  const stamp = { now, ids: context.ids, actor }
  const secret = deed.kind === 'rotate' ? newWebhookSecret() : undefined
  await context.db.transaction(async (tx) => {
    const [endpoint] = await tx.select().from(webhookEndpoints).where(ofOwner(endpointId, owner)).for('update')
    if (endpoint === undefined) throw new Refusal('not_found')
    const change = (values: Partial<typeof webhookEndpoints.$inferInsert>) =>
      tx.update(webhookEndpoints).set(values).where(ofOwner(endpointId, owner))
    if (deed.kind === 'remove') await change({ removedAt: now, status: 'disabled' })
    if (deed.kind === 'change')
      await change({
        url: deed.url ?? endpoint.url,
        types: deed.types === undefined ? endpoint.types : [...new Set(deed.types)],
        ...(deed.status === undefined ? {} : { status: deed.status, failingSince: null, disabledReason: null }),
      })
    if (secret !== undefined)
      await change({
        sealedSecret: seal(context.config.appSecret, secretPurpose, secret),
        oldSealedSecret: endpoint.sealedSecret,
        oldSecretUntil: after(now, hours(24)),
      })
    if (deed.kind === 'test') await tellIntegrators(tx, stamp, { type: 'webhook.test', endpointId, data: { endpointId } })
    if (deed.kind === 'replay') {
      const replayed = isUuid(deed.deliveryId)
        ? await tx
            .update(webhookDeliveries)
            .set({ state: 'waiting', attempts: 0, nextAt: now, lockedUntil: null, deliveredAt: null })
            .where(and(eq(webhookDeliveries.id, deed.deliveryId), eq(webhookDeliveries.endpointId, endpointId)))
            .returning({ id: webhookDeliveries.id })
        : []
      if (replayed.length === 0) throw new Refusal('not_found')
    }
    const { kind, ...rest } = deed
    await audit(tx, stamp, { action: `webhook_endpoint.${kind}`, target: endpointId, data: rest })
  })
  context.outbox.wake('webhooks')
  return secret
}
