import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { IncomingWebhook, PaymentProvider } from './provider.port.ts'

/** A message with what its address says. */
export interface ReceivedWebhook extends IncomingWebhook {
  /** The secret part of the address, for providers that sign nothing. */
  readonly addressToken?: string
  readonly requestId?: string
}

// What helps a person to see where a message came from; nothing that authorises.
const keptHeaders = ['user-agent', 'content-type', 'content-length', 'x-forwarded-for'] as const

/**
 * Stores a provider's message in the inbox, once and for ever, before it is answered. One statement proves the address, finds the
 * transaction and stores the row, so that a thousand copies cost a thousand cheap look-ups. Answers whether it was new.
 * Refuses with not_found for a wrong address (and tells nothing else), malformed_json, unavailable when the row could not be
 * written: the provider then sends again (design: payments.md 1.1, 4.4).
 */
export async function receiveWebhook(
  context: Context,
  provider: PaymentProvider,
  webhook: ReceivedWebhook,
): Promise<'stored' | 'duplicate'> {
  const verified = await verify(context, provider, webhook)
  const now = context.clock.now().toISOString()
  const headers = Object.fromEntries(
    keptHeaders.flatMap((name) => (webhook.headers[name] === undefined ? [] : [[name, webhook.headers[name].slice(0, 300)]])),
  )
  const body = Buffer.from(webhook.body)
  const values = sql`${context.ids.next()}::uuid, ${provider.name}::text, ${verified.dedupeKey}::text, ${verified.eventType}::text, ${verified.providerRef ?? null}::text,
      ${body}::bytea, ${sha256Hex(body)}::text, ${JSON.stringify(headers)}::text::jsonb, ${webhook.requestId ?? null}::text, ${now}::timestamptz, ${now}::timestamptz`
  const columns = sql`id, provider, dedupe_key, event_type, provider_ref, body, body_sha256, headers, request_id, received_at, next_attempt_at`
  const rows = await reachable(
    webhook.addressToken === undefined
      ? context.inboxDb.execute<{ stored_id: string | null }>(sql`
          with stored as (insert into webhook_events (${columns}) values (${values}) on conflict (provider, dedupe_key) do nothing returning id)
          select (select id from stored) as stored_id`)
      : context.inboxDb.execute<{ stored_id: string | null }>(sql`
          with target as (select id from transactions where callback_token_hash = ${sha256Hex(webhook.addressToken)} and provider = ${provider.name}),
          stored as (
            insert into webhook_events (${columns}, transaction_id) select ${values}, target.id from target
            on conflict (provider, dedupe_key) do nothing returning id)
          select stored.id as stored_id from target left join stored on true`),
  )
  const [row] = rows
  if (row === undefined) throw new Refusal('not_found')
  if (row.stored_id === null) return 'duplicate'
  context.outbox.wake('inbox')
  return 'stored'
}

/** Names the message. A wrong address hears not_found before anything about its body. */
async function verify(context: Context, provider: PaymentProvider, webhook: ReceivedWebhook) {
  try {
    return await provider.verifyWebhook(webhook)
  } catch (error) {
    if (error instanceof Refusal && webhook.addressToken !== undefined && !(await isAddress(context, provider, webhook.addressToken)))
      throw new Refusal('not_found')
    // The hash tells copies of one attempt apart from many; the body itself is somebody's invention and is not kept.
    context.log.warn(
      {
        provider: provider.name,
        reason: error instanceof Refusal ? error.code : 'unreadable',
        bodySha256: sha256Hex(webhook.body),
        requestId: webhook.requestId,
      },
      'webhook rejected',
    )
    throw error
  }
}

async function isAddress(context: Context, provider: PaymentProvider, token: string): Promise<boolean> {
  const rows = await reachable(
    context.inboxDb.execute(
      sql`select 1 from transactions where callback_token_hash = ${sha256Hex(token)} and provider = ${provider.name}`,
    ),
  )
  return rows.length > 0
}

/** Whatever keeps the row from being written is answered 503, so that the provider keeps the message and sends it again. */
async function reachable<Answer>(query: Promise<Answer>): Promise<Answer> {
  try {
    return await query
  } catch (error) {
    throw new Refusal('unavailable', { cause: error, retryAfterS: 5 })
  }
}
