import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import { audit } from '../../../platform/audit.ts'
import { accounts } from '../../accounts/account.table.ts'
import { vendorInvites } from '../application.table.ts'
import { vendorMembers } from '../vendor.table.ts'

/**
 * Joins a vendor by the link of an invite. Of two at once one gets it. Refuses with gone for a link that is unknown, old, used or
 * taken back; with not_allowed for an account with another address; with conflict for somebody who is a member already.
 */
export async function acceptInvite(context: Context, actor: PersonActor, token: string): Promise<string> {
  const now = context.clock.now()
  const vendorId = await context.db.transaction(async (tx) => {
    const [account] = await tx.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, actor.accountId))
    const [invite] = await tx
      .update(vendorInvites)
      .set({ acceptedAt: now, acceptedBy: actor.accountId })
      .where(
        and(
          eq(vendorInvites.tokenHash, sha256Hex(token)),
          isNull(vendorInvites.acceptedAt),
          isNull(vendorInvites.revokedAt),
          gt(vendorInvites.expiresAt, now),
        ),
      )
      .returning()
    if (invite === undefined) throw new Refusal('gone')
    // Thrown inside the transaction, so that the invite is not used up.
    if (account?.email?.toLowerCase() !== invite.email.toLowerCase())
      throw new Refusal('not_allowed', { detail: 'This invitation is for another e-mail address.' })
    const [member] = await tx
      .select()
      .from(vendorMembers)
      .where(and(eq(vendorMembers.vendorId, invite.vendorId), eq(vendorMembers.accountId, actor.accountId)))
      .for('update')
    if (member?.isActive === true) throw new Refusal('conflict', { detail: 'You are a member of this vendor already.' })
    await tx
      .insert(vendorMembers)
      .values({ vendorId: invite.vendorId, accountId: actor.accountId, role: invite.role, scopes: invite.scopes, createdAt: now })
      .onConflictDoUpdate({
        target: [vendorMembers.vendorId, vendorMembers.accountId],
        set: { role: invite.role, scopes: invite.scopes, isActive: true },
      })
    await audit(
      tx,
      { now, ids: context.ids, actor },
      { action: 'vendor_member.joined', target: invite.vendorId, data: { inviteId: invite.id } },
    )
    return invite.vendorId
  })
  context.hub.recheck({ userId: actor.accountId })
  return vendorId
}
