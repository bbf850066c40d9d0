import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { audit } from '../../../platform/audit.ts'
import { vendorInvites } from '../application.table.ts'

/** Takes an open invite of a vendor back. Refuses with not_found. */
export async function revokeInvite(context: Context, actor: PersonActor, vendorId: string, inviteId: string): Promise<void> {
  if (!isUuid(inviteId)) throw new Refusal('not_found')
  const now = context.clock.now()
  await context.db.transaction(async (tx) => {
    const revoked = await tx
      .update(vendorInvites)
      .set({ revokedAt: now })
      .where(
        and(
          eq(vendorInvites.id, inviteId),
          eq(vendorInvites.vendorId, vendorId),
          isNull(vendorInvites.acceptedAt),
          isNull(vendorInvites.revokedAt),
        ),
      )
      .returning({ id: vendorInvites.id })
    if (revoked.length === 0) throw new Refusal('not_found')
    await audit(tx, { now, ids: context.ids, actor }, { action: 'vendor_member.invite_revoked', target: vendorId, data: { inviteId } })
  })
}
