import { type Actor, isStaff, mayForVendor, type VendorMembership, type VendorScope } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'

/**
 * What a route of a vendor asks of who calls it: one of the scopes; `member` for everybody of the shop; `manager` for managers and the
 * owner; `owner` for the owner alone.
 */
export type VendorNeed = VendorScope | 'member' | 'manager' | 'owner'

/** The one vendor a request acts for. Every query of a vendor's route has `vendorId` in its condition. */
export interface VendorContext {
  readonly vendorId: string
  /** `shop`: staff of Rahim Online, who act for a vendor they name and hold every right. */
  readonly role: VendorMembership['role'] | 'shop'
}

/**
 * The vendor somebody acts for, chosen in one place so that no route guesses. A member of one vendor need not name it. A member of
 * several has to: refused with `vendor_required`, and the answer lists theirs. Naming a vendor one is not a member of is `not_found`,
 * as if it did not exist; a member without the right is refused with `not_allowed`. Staff always name one.
 */
export function vendorContext(actor: Actor, named: string | undefined, need: VendorNeed): VendorContext {
  if (actor.kind !== 'person') throw new Refusal('not_signed_in')
  const member = named === undefined ? onlyOne(actor.vendors) : actor.vendors.find((each) => each.vendorId === named.toLowerCase())
  if (member === undefined) {
    if (isStaff(actor) && named !== undefined) return { vendorId: named.toLowerCase(), role: 'shop' }
    throw named === undefined ? chooseOne(actor.vendors) : new Refusal('not_found')
  }
  if (!isStaff(actor) && !holds(actor, member, need)) throw new Refusal('not_allowed', { detail: missing(need) })
  return { vendorId: member.vendorId, role: member.role }
}

const onlyOne = (members: readonly VendorMembership[]): VendorMembership | undefined => (members.length === 1 ? members[0] : undefined)

function chooseOne(members: readonly VendorMembership[]): Refusal {
  if (members.length === 0) return new Refusal('vendor_required', { detail: 'Name the vendor with vendorId.' })
  return new Refusal('vendor_required', {
    detail: `You act for several vendors: ${members.map((each) => each.name).join(', ')}. Name one with vendorId.`,
    fields: [{ path: '/query/vendorId', code: 'required', message: 'Name one of your vendors.' }],
    extra: { vendors: members.map(({ vendorId, name, role }) => ({ vendorId, name, role })) },
  })
}

function holds(actor: Actor, member: VendorMembership, need: VendorNeed): boolean {
  switch (need) {
    case 'member':
      return true
    case 'owner':
      return member.role === 'owner'
    case 'manager':
      return member.role !== 'staff'
    default:
      return mayForVendor(actor, member.vendorId, need)
  }
}

function missing(need: VendorNeed): string {
  if (need === 'owner') return 'Only the owner may do this.'
  if (need === 'manager') return 'Only the owner and managers may do this.'
  return `Your membership lacks the scope ${need}.`
}
