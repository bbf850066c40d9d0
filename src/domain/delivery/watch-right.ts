import { sql } from 'drizzle-orm'
import type { PersonActor } from '../../lib/actor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { type DeliveryState, deliveryStates } from './delivery.states.ts'

/** Who asks to watch: somebody signed in, a program with a key, or the holder of the order's link or of a shared one. */
export type Viewer =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'key'; readonly keyId: string }
  | { readonly kind: 'link'; readonly tokenHash: string }

/** As whom a person, or a program with their key, asks. */
export const viewerOf = (person: PersonActor): Viewer =>
  person.apiKey === undefined ? { kind: 'session', sessionId: person.sessionId } : { kind: 'key', keyId: person.apiKey.id }

/** As what somebody may watch. */
export type WatchRole = 'driver' | 'staff' | 'vendor' | 'owner' | 'link' | 'share'

/** What is known about a viewer and a delivery at one moment. */
export interface WatchFacts {
  readonly state: DeliveryState
  readonly isSignedIn: boolean
  readonly isAssignedDriver: boolean
  readonly isStaff: boolean
  readonly isVendorOfGoods: boolean
  readonly isOwner: boolean
  readonly isLinkHolder: boolean
  readonly isShareHolder: boolean
}

/** Whether somebody may watch, and as what. `isEnded`: nothing more will come. */
export type WatchRight =
  | { readonly may: true; readonly role: WatchRole; readonly isEnded: boolean }
  | { readonly may: false; readonly why: 'not_found' | 'signed_out' | 'forbidden' }

/** Roles that see the rider in every state; shoppers see them only once the goods are with them. */
export const isInsiderRole = (role: WatchRole): boolean => role === 'driver' || role === 'staff' || role === 'vendor'

/**
 * The rule itself: the driver assigned now, staff, the vendor of the goods with the scope `delivery`, the order's owner, the
 * holder of its link or of one that was shared. Nobody else. Pure.
 */
export function decideWatch(viewer: Viewer, facts: WatchFacts): WatchRight {
  if (viewer.kind !== 'link' && !facts.isSignedIn) return { may: false, why: 'signed_out' }
  const role: WatchRole | undefined = facts.isAssignedDriver
    ? 'driver'
    : facts.isStaff
      ? 'staff'
      : facts.isVendorOfGoods
        ? 'vendor'
        : facts.isOwner
          ? 'owner'
          : facts.isLinkHolder
            ? 'link'
            : facts.isShareHolder
              ? 'share'
              : undefined
  if (role === undefined) return { may: false, why: 'forbidden' }
  return { may: true, role, isEnded: deliveryStates.isFinal(facts.state) }
}

/** A right that is asked for. */
export interface RightQuestion {
  readonly deliveryId: string
  readonly viewer: Viewer
}

interface FactsRow extends Record<string, unknown> {
  nr: number
  state: DeliveryState
  is_signed_in: boolean
  is_assigned_driver: boolean
  is_staff: boolean
  is_vendor: boolean
  is_owner: boolean
  is_link_holder: boolean
  is_share_holder: boolean
}

/** How long a shared link outlives the delivery, so that whoever follows it still sees that the goods have come. */
export const shareOutlivesHours = 2

/**
 * Asks the database who each viewer is to a delivery now, all with one question: sessions, roles, memberships and shared links are
 * read fresh each time. Answers in the order of the questions.
 */
export async function watchRights(db: DbOrTx, now: Date, questions: readonly RightQuestion[]): Promise<WatchRight[]> {
  if (questions.length === 0) return []
  const list = JSON.stringify(
    questions.map(({ deliveryId, viewer }, nr) => ({
      nr,
      delivery: deliveryId,
      session: viewer.kind === 'session' ? viewer.sessionId : null,
      key: viewer.kind === 'key' ? viewer.keyId : null,
      token: viewer.kind === 'link' ? viewer.tokenHash : null,
    })),
  )
  const at = sql`${now.toISOString()}::timestamptz`
  const rows = await db.execute<FactsRow>(sql`
    select q.nr, d.state, p.id is not null as is_signed_in,
      coalesce(d.driver_id = p.id and 'driver' = any(p.roles), false) as is_assigned_driver,
      coalesce(p.roles && array['support', 'finance', 'admin'], false) as is_staff,
      p.id is not null and exists (
        select 1 from order_lines l join vendors v on v.id = l.vendor_id and v.status = 'approved'
        join vendor_members m on m.vendor_id = v.id and m.account_id = p.id and m.is_active and (m.role = 'owner' or 'delivery' = any(m.scopes))
        where l.order_id = d.order_id and l.warehouse_id = d.warehouse_id and (p.only_vendor is null or v.id = p.only_vendor)) as is_vendor,
      coalesce(o.account_id = p.id and p.is_person, false) as is_owner,
      coalesce(o.token_hash = q.token, false) as is_link_holder,
      q.token is not null and exists (
        select 1 from delivery_shares h where h.token_hash = q.token and h.delivery_id = d.id and h.revoked_at is null
        and h.expires_at > ${at} and (d.closed_at is null or d.closed_at + make_interval(hours => ${shareOutlivesHours}) > ${at})) as is_share_holder
    from jsonb_to_recordset(${list}::text::jsonb) as q(nr int, delivery uuid, session uuid, key uuid, token text)
    join deliveries d on d.id = q.delivery join orders o on o.id = d.order_id
    left join lateral (
      select a.id, a.roles, true as is_person, null::uuid as only_vendor from sessions s join accounts a on a.id = s.account_id
      where s.id = q.session and s.revoked_at is null and s.expires_at > ${at} and a.status = 'active'
      union all
      -- A key of a vendor sees as a member of that vendor alone; a key of the shop as its maker's staff role.
      select a.id, case when k.vendor_id is null then array_remove(a.roles, 'driver') else '{}' end, false, k.vendor_id
      from api_keys k join accounts a on a.id = k.account_id
      where k.id = q.key and k.revoked_at is null and (k.expires_at is null or k.expires_at > ${at}) and a.status = 'active') p on true`)
  const byNumber = new Map(rows.map((row) => [row.nr, row]))
  return questions.map(({ viewer }, nr) => {
    const row = byNumber.get(nr)
    if (row === undefined) return { may: false, why: 'not_found' }
    return decideWatch(viewer, {
      state: row.state,
      isSignedIn: row.is_signed_in,
      isAssignedDriver: row.is_assigned_driver,
      isStaff: row.is_staff,
      isVendorOfGoods: row.is_vendor,
      isOwner: row.is_owner,
      isLinkHolder: row.is_link_holder,
      isShareHolder: row.is_share_holder,
    })
  })
}

/** Asks about one viewer and one delivery. */
export async function watchRight(db: DbOrTx, now: Date, deliveryId: string, viewer: Viewer): Promise<WatchRight> {
  const [right] = await watchRights(db, now, [{ deliveryId, viewer }])
  return right ?? { may: false, why: 'not_found' }
}
