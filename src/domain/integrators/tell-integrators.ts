import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { WebhookEvent } from './webhook.events.ts'

/** What happened, to which order. `data` holds what every receiver may know: numbers and states, never a person. */
export interface IntegratorNews {
  readonly type: WebhookEvent
  readonly orderId?: string
  /** One endpoint only, for tests of it. */
  readonly endpointId?: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Stages a message to every endpoint that wants to hear of it, in the commit of what happened: one statement, and no row where nobody
 * listens. A vendor's endpoint hears of orders with its goods only. A step.
 */
export async function tellIntegrators(tx: Tx, stamp: Stamp, news: IntegratorNews): Promise<void> {
  const id = stamp.ids.next()
  const now = stamp.now.toISOString()
  const body = JSON.stringify({ type: news.type, timestamp: now, data: news.data })
  const one = news.endpointId === undefined ? sql`${news.type} = any(e.types)` : sql`e.id = ${news.endpointId}::uuid`
  await tx.execute(sql`
    with targets as (
      select e.id from webhook_endpoints e where e.status = 'active' and e.removed_at is null and ${one}
        and (e.vendor_id is null or ${news.endpointId !== undefined} or exists (
          select 1 from order_lines l where l.order_id = ${news.orderId ?? null}::uuid and l.vendor_id = e.vendor_id))
    ), message as (
      insert into webhook_messages (id, type, body, created_at)
      select ${id}::uuid, ${news.type}, ${body}, ${now}::timestamptz where exists (select 1 from targets) returning id
    )
    insert into webhook_deliveries (id, endpoint_id, message_id, next_at, created_at)
    select gen_random_uuid(), targets.id, message.id, ${now}::timestamptz, ${now}::timestamptz from targets, message`)
}
