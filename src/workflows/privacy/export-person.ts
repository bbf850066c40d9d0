import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { audit } from '../../platform/audit.ts'

/** Everything the shop keeps about a person, by what it is about. Amounts are minor units as text-free numbers, times as they are stored. */
export interface PersonExport {
  readonly exportedAt: string
  readonly account: unknown
  readonly consents: unknown[]
  readonly sessions: unknown[]
  readonly orders: unknown[]
  readonly payments: unknown[]
  readonly deliveries: unknown[]
  readonly bag: unknown[]
}

interface ExportRow extends Record<string, unknown> {
  account: unknown
  consents: unknown[] | null
  sessions: unknown[] | null
  orders: unknown[] | null
  payments: unknown[] | null
  deliveries: unknown[] | null
  bag: unknown[] | null
}

/**
 * What the shop keeps about the actor, for them to take away (Data Protection Act 2019, sections 26 and 38). Nothing of anybody else is
 * in it: no rider, no member of staff, no vendor's books. Secrets and hashes are left out. Written into the audit log.
 */
export async function exportPerson(context: Context, actor: PersonActor): Promise<PersonExport> {
  const now = context.clock.now()
  const mine = sql`${actor.accountId}::uuid`
  const row = await context.db.transaction(async (tx) => {
    const [found] = await tx.execute<ExportRow>(sql`
      select
        (select json_build_object('id', a.id, 'name', a.name, 'email', a.email, 'phone', a.phone, 'roles', a.roles, 'createdAt', a.created_at)
         from accounts a where a.id = ${mine}) as account,
        (select json_agg(json_build_object('kind', c.kind, 'version', c.version, 'isGiven', c.is_given, 'at', c.created_at) order by c.created_at)
         from consents c where c.account_id = ${mine}) as consents,
        (select json_agg(json_build_object('userAgent', s.user_agent, 'createdAt', s.created_at, 'lastSeenAt', s.last_seen_at) order by s.created_at)
         from sessions s where s.account_id = ${mine}) as sessions,
        (select json_agg(json_build_object('number', o.number, 'state', o.state, 'name', o.contact_name, 'phone', o.contact_phone,
           'email', o.contact_email, 'county', o.county, 'town', o.town, 'landmark', o.landmark, 'lat', o.lat, 'lng', o.lng, 'note', o.note,
           'paymentMethod', o.payment_method, 'totalMinor', o.total_minor, 'currency', o.currency, 'createdAt', o.created_at, 'paidAt', o.paid_at,
           'lines', (select json_agg(json_build_object('name', l.name, 'sku', l.sku, 'size', l.size, 'colour', l.colour, 'quantity', l.quantity,
             'unitPriceMinor', l.unit_price_minor, 'totalMinor', l.total_minor) order by l.position) from order_lines l where l.order_id = o.id))
           order by o.created_at)
         from orders o where o.account_id = ${mine}) as orders,
        (select json_agg(json_build_object('order', o.number, 'kind', t.kind, 'provider', t.provider, 'method', t.method, 'state', t.state,
           'amountMinor', t.amount_minor, 'currency', t.currency, 'receipt', t.receipt, 'phone', t.phone, 'createdAt', t.created_at) order by t.created_at)
         from transactions t join orders o on o.id = t.order_id where o.account_id = ${mine}) as payments,
        (select json_agg(json_build_object('order', o.number, 'state', d.state, 'to', d.dest_text, 'createdAt', d.created_at, 'deliveredAt', d.delivered_at)
           order by d.created_at)
         from deliveries d join orders o on o.id = d.order_id where o.account_id = ${mine}) as deliveries,
        (select json_agg(json_build_object('sku', v.sku, 'quantity', l.quantity) order by l.created_at)
         from carts c join cart_lines l on l.cart_id = c.id join variants v on v.id = l.variant_id
         where c.account_id = ${mine} and c.status = 'active') as bag`)
    await audit(tx, { now, ids: context.ids, actor }, { action: 'account.exported', target: actor.accountId })
    return found
  })
  return {
    exportedAt: now.toISOString(),
    account: row?.account ?? null,
    consents: row?.consents ?? [],
    sessions: row?.sessions ?? [],
    orders: row?.orders ?? [],
    payments: row?.payments ?? [],
    deliveries: row?.deliveries ?? [],
    bag: row?.bag ?? [],
  }
}
