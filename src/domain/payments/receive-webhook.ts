import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { IncomingWebhook, PaymentProvider } from './provider.port.ts'
import { storeWebhook } from './store-webhook.ts'

/** A message with what its address says. */
export interface ReceivedWebhook extends IncomingWebhook {
  /** The secret part of the address, for providers that sign nothing. */
  readonly addressToken?: string
  readonly requestId?: string
}

// What helps a person to see where a message came from; nothing that authorises.
const keptHeaders = ['user-agent', 'content-type', 'content-length', 'x-forwarded-for'] as const

/**
 * Stores a provider's message in the inbox, once and for ever, before it is answered. Answers whether it was new.
 * Refuses with not_found for a wrong address (and tells nothing else), malformed_json, unavailable when the row could not be
 * written: the provider then sends again (design: payments.md 1.1, 4.4).
 */
export async function receiveWebhook(
  context: Context,
  provider: PaymentProvider,
  webhook: ReceivedWebhook,
): Promise<'stored' | 'duplicate'> {
  const verified = await verify(context, provider, webhook)
  const headers = Object.fromEntries(
    keptHeaders.flatMap((name) => (webhook.headers[name] === undefined ? [] : [[name, webhook.headers[name].slice(0, 300)]])),
  )
  const outcome = await reachable(
    storeWebhook(context.inboxDb, {
      id: context.ids.next(),
      provider: provider.name,
      dedupeKey: verified.dedupeKey,
      eventType: verified.eventType,
      providerRef: verified.providerRef ?? null,
      body: webhook.body,
      bodySha256: sha256Hex(webhook.body),
      headers,
      requestId: webhook.requestId ?? null,
      receivedAt: context.clock.now().toISOString(),
      tokenHash: webhook.addressToken === undefined ? null : sha256Hex(webhook.addressToken),
    }),
  )
  if (outcome === 'no_address') throw new Refusal('not_found')
  if (outcome === 'stored') context.outbox.wake('inbox')
  return outcome
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
