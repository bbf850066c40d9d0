import { mayForVendor, type PersonActor, type VendorScope } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import type { VendorContext } from '../vendor-context.ts'

/**
 * Whom somebody may make or change: the owner anybody but the owner; a manager staff only, and with no scope the manager lacks, so that
 * nobody gives away more than they have. Refuses with not_allowed.
 */
export function mustOutrank(actor: PersonActor, vendor: VendorContext, other: { role: string; scopes: readonly VendorScope[] }): void {
  if (other.role === 'owner') throw new Refusal('not_allowed', { detail: 'The owner is not changed here.' })
  if (vendor.role === 'owner' || vendor.role === 'shop') return
  if (vendor.role !== 'manager' || other.role !== 'staff') throw new Refusal('not_allowed', { detail: 'Only the owner may do this.' })
  if (other.scopes.some((scope) => !mayForVendor(actor, vendor.vendorId, scope)))
    throw new Refusal('not_allowed', { detail: 'You cannot give a scope you do not hold.' })
}
