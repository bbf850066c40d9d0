import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** One thing that happened to an order: a move or change of it, of a payment for it, or of a delivery of it. */
export interface TimelineEntry {
  readonly at: Date
  readonly about: 'order' | 'payment' | 'delivery'
  /** `placed`, `moved`, `edited`, `note`, `return_requested`, or the effect on a payment, or the kind of a delivery's event. */
  readonly event: string
  readonly from: string | null
  readonly to: string
  readonly actor: TimelineActor
  readonly reason: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Who did it. The name is for staff. */
export interface TimelineActor {
  readonly kind: 'shopper' | 'shop' | 'vendor' | 'rider' | 'provider' | 'system'
  readonly name: string | null
}

interface EntryRow extends Record<string, unknown> {
  at: Date | string
  about: TimelineEntry['about']
  event: string
  from_state: string | null
  to_state: string
  actor: string
  actor_name: string | null
  actor_roles: string[] | null
  is_owner: boolean
  is_vendor: boolean
  reason: string
  data: Record<string, unknown>
}

/** Everything that happened to an order, oldest first, in one statement. */
export async function timelineOfOrder(db: DbOrTx, orderId: string, limit = 500): Promise<TimelineEntry[]> {
  const rows = await db.execute<EntryRow>(sql`
    with entries as (
      select e.created_at as at, e.id, 'order' as about, e.kind as event, e.from_state, e.to_state, e.actor, e.reason, e.data
      from order_events e where e.order_id = ${orderId}::uuid
      union all
      select e.created_at, e.id, 'payment', e.effect, e.from_state, e.to_state, coalesce(e.data ->> 'actor', 'provider:' || e.source), coalesce(e.data ->> 'reason', ''),
        jsonb_build_object('transactionId', t.id, 'kind', t.kind, 'provider', t.provider, 'amountMinor', coalesce(e.amount_minor, t.amount_minor), 'receipt', t.receipt)
      from transaction_events e join transactions t on t.id = e.transaction_id where t.order_id = ${orderId}::uuid
      union all
      select e.created_at, e.id, 'delivery', e.kind, e.from_state, e.to_state, e.actor, '', jsonb_build_object('deliveryId', d.id)
      from delivery_events e join deliveries d on d.id = e.delivery_id where d.order_id = ${orderId}::uuid
    )
    select x.*, a.name as actor_name, a.roles as actor_roles, coalesce(a.id = o.account_id, false) as is_owner,
      exists (select 1 from vendor_members m where m.account_id = a.id) as is_vendor
    from entries x join orders o on o.id = ${orderId}::uuid
    left join accounts a on x.actor = 'person:' || a.id::text
    order by x.at, x.id limit ${limit}`)
  return rows.map((row) => ({
    at: new Date(row.at),
    about: row.about,
    event: row.event,
    from: row.from_state,
    to: row.to_state,
    actor: { kind: kindOf(row), name: row.actor_name ?? (row.actor.startsWith('person:') ? null : row.actor) },
    reason: row.reason,
    data: row.data,
  }))
}

function kindOf(row: EntryRow): TimelineActor['kind'] {
  if (row.actor === 'guest' || row.is_owner) return 'shopper'
  if (row.actor.startsWith('provider:')) return row.actor === 'provider:api' || row.actor === 'provider:system' ? 'system' : 'provider'
  if (row.actor.startsWith('system:')) return 'system'
  if (row.actor_roles?.some((role) => role !== 'driver') === true) return 'shop'
  if (row.actor_roles?.includes('driver') === true) return 'rider'
  return row.is_vendor ? 'vendor' : 'shopper'
}

const tellable: ReadonlySet<string> = new Set([
  'captured',
  'failed',
  'cancelled',
  'expired',
  'refund_requested',
  'refund_succeeded',
  'refund_failed',
])

/** What a shopper sees of it: what changed something for them, without names and without the shop's own data. */
export const forShopper = (entries: readonly TimelineEntry[]): TimelineEntry[] =>
  entries
    .filter((entry) =>
      entry.about === 'payment' ? tellable.has(entry.event) && entry.data['kind'] === 'charge' : entry.data['audience'] !== 'staff',
    )
    .map((entry) => ({ ...entry, actor: { kind: entry.actor.kind, name: null }, data: {} }))
