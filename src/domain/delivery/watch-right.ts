import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { type DeliveryState, deliveryStates } from './delivery.states.ts'

/** Who asks to watch: somebody signed in, or the holder of the order's link. */
export type Viewer = { readonly kind: 'session'; readonly sessionId: string } | { readonly kind: 'link'; readonly tokenHash: string }

/** As what somebody may watch. */
export type WatchRole = 'driver' | 'staff' | 'vendor' | 'owner' | 'link'

/** What is known about a viewer and a delivery at one moment. */
export interface WatchFacts {
  readonly state: DeliveryState
  readonly isSignedIn: boolean
  readonly isAssignedDriver: boolean
  readonly isStaff: boolean
  readonly isVendorOfGoods: boolean
  readonly isOwner: boolean
  readonly isLinkHolder: boolean
}

/** Whether somebody may watch, and as what. `isEnded`: nothing more will come. */
export type WatchRight =
  | { readonly may: true; readonly role: WatchRole; readonly isEnded: boolean }
  | { readonly may: false; readonly why: 'not_found' | 'signed_out' | 'forbidden' }

/** Roles that see the rider in every state; shoppers see them only once the goods are with them. */
export const isInsiderRole = (role: WatchRole): boolean => role === 'driver' || role === 'staff' || role === 'vendor'

/**
 * The rule itself: the driver assigned now, staff, the vendor of the goods with the scope `delivery`, the order's owner, the
 * holder of its link. Nobody else. Pure.
 */
export function decideWatch(viewer: Viewer, facts: WatchFacts): WatchRight {
  if (viewer.kind === 'session' && !facts.isSignedIn) return { may: false, why: 'signed_out' }
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
            : undefined
  if (role === undefined) return { may: false, why: 'forbidden' }
  return { may: true, role, isEnded: deliveryStates.isFinal(facts.state) }
}

interface FactsRow extends Record<string, unknown> {
  state: DeliveryState
  is_signed_in: boolean
  is_assigned_driver: boolean
  is_staff: boolean
  is_vendor: boolean
  is_owner: boolean
  is_link_holder: boolean
}

/** Asks the database who the viewer is to a delivery now: session, roles and memberships are read fresh each time. */
export async function watchRight(db: DbOrTx, now: Date, deliveryId: string, viewer: Viewer): Promise<WatchRight> {
  const sessionId = viewer.kind === 'session' ? viewer.sessionId : null
  const tokenHash = viewer.kind === 'link' ? viewer.tokenHash : null
  const [row] = await db.execute<FactsRow>(sql`
    select d.state, p.id is not null as is_signed_in,
      coalesce(d.driver_id = p.id and 'driver' = any(p.roles), false) as is_assigned_driver,
      coalesce(p.roles && array['support', 'finance', 'admin'], false) as is_staff,
      exists (
        select 1 from order_lines l join vendors v on v.id = l.vendor_id and v.status = 'approved'
        join vendor_members m on m.vendor_id = v.id and m.account_id = p.id and m.is_active and (m.role = 'owner' or 'delivery' = any(m.scopes))
        where l.order_id = d.order_id and l.warehouse_id = d.warehouse_id) as is_vendor,
      coalesce(o.account_id = p.id, false) as is_owner,
      coalesce(o.token_hash = ${tokenHash}::text, false) as is_link_holder
    from deliveries d join orders o on o.id = d.order_id
    left join lateral (
      select a.id, a.roles from sessions s join accounts a on a.id = s.account_id
      where s.id = ${sessionId}::uuid and s.revoked_at is null and s.expires_at > ${now.toISOString()}::timestamptz and a.status = 'active') p on true
    where d.id = ${deliveryId}::uuid`)
  if (row === undefined) return { may: false, why: 'not_found' }
  return decideWatch(viewer, {
    state: row.state,
    isSignedIn: row.is_signed_in,
    isAssignedDriver: row.is_assigned_driver,
    isStaff: row.is_staff,
    isVendorOfGoods: row.is_vendor,
    isOwner: row.is_owner,
    isLinkHolder: row.is_link_holder,
  })
}
