import { and, eq } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor, VendorScope } from '../../../lib/actor.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { audit } from '../../../platform/audit.ts'
import type { VendorContext } from '../vendor-context.ts'
import { vendorMembers } from '../vendor.table.ts'
import { mustOutrank } from './member.rules.ts'

/** What a member becomes: another role and scopes, or no member any more. */
export type MemberChange = { readonly role: 'manager' | 'staff'; readonly scopes: readonly VendorScope[] } | 'removed'

/**
 * Changes what a member of a vendor is, or ends it. Rights are read with every request and the sockets are looked at again, so it counts
 * at once. The owner is neither changed nor removed, which leaves every vendor one; anybody else may leave by themselves. Refuses with
 * not_found, not_allowed.
 */
export async function changeMember(
  context: Context,
  actor: PersonActor,
  vendor: VendorContext,
  accountId: string,
  change: MemberChange,
): Promise<void> {
  if (!isUuid(accountId)) throw new Refusal('not_found')
  const now = context.clock.now()
  const memberOf = and(eq(vendorMembers.vendorId, vendor.vendorId), eq(vendorMembers.accountId, accountId))
  await context.db.transaction(async (tx) => {
    const [member] = await tx
      .select()
      .from(vendorMembers)
      .where(and(memberOf, eq(vendorMembers.isActive, true)))
      .for('update')
    if (member === undefined) throw new Refusal('not_found')
    const isLeaving = change === 'removed' && accountId === actor.accountId
    if (member.role === 'owner') throw new Refusal('not_allowed', { detail: 'A vendor keeps its owner.' })
    if (!isLeaving) {
      mustOutrank(actor, vendor, { role: member.role, scopes: [] })
      if (change !== 'removed') mustOutrank(actor, vendor, change)
    }
    await tx
      .update(vendorMembers)
      .set(change === 'removed' ? { isActive: false, scopes: [] } : { role: change.role, scopes: [...new Set(change.scopes)] })
      .where(memberOf)
    await audit(
      tx,
      { now, ids: context.ids, actor },
      {
        action: change === 'removed' ? 'vendor_member.removed' : 'vendor_member.changed',
        target: vendor.vendorId,
        data: { accountId, before: { role: member.role, scopes: member.scopes }, after: change },
      },
    )
  })
  context.hub.recheck({ userId: accountId })
}
