import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor, VendorScope } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { derivedToken, sha256Hex } from '../../../lib/signature.ts'
import { after, days } from '../../../lib/time.ts'
import { audit } from '../../../platform/audit.ts'
import { enqueue } from '../../../platform/outbox.ts'
import { vendorInvites } from '../application.table.ts'
import type { VendorContext } from '../vendor-context.ts'
import { mustOutrank } from './member.rules.ts'

/** Who is asked to join, as what. */
export interface InviteWish {
  readonly email: string
  readonly role: 'manager' | 'staff'
  readonly scopes: readonly VendorScope[]
}

/** The outbox topic of letters that carry an invite. */
export const inviteTopic = 'vendor.invite'
const lifeMs = days(7)

/** The token in an invite's link; derived, so that the letter can be written again and only a hash is stored. */
export const inviteToken = (appSecret: string, inviteId: string): string => derivedToken(appSecret, 'vendor-invite', inviteId)

/**
 * Invites somebody by e-mail; the link works once, for seven days, and only for the account of that address. A new invite takes the
 * place of an open one. Refuses with not_allowed for a manager who invites a manager or gives a scope they lack.
 */
export async function inviteMember(context: Context, actor: PersonActor, vendor: VendorContext, wish: InviteWish): Promise<string> {
  mustOutrank(actor, vendor, wish)
  const id = context.ids.next()
  const now = context.clock.now()
  const stamp = { now, ids: context.ids, actor }
  const email = wish.email.trim().toLowerCase()
  await context.db.transaction(async (tx) => {
    await tx
      .update(vendorInvites)
      .set({ revokedAt: now })
      .where(
        and(
          eq(vendorInvites.vendorId, vendor.vendorId),
          eq(sql`lower(${vendorInvites.email})`, email),
          isNull(vendorInvites.acceptedAt),
          isNull(vendorInvites.revokedAt),
        ),
      )
    const added = await tx
      .insert(vendorInvites)
      .values({
        id,
        vendorId: vendor.vendorId,
        email,
        role: wish.role,
        scopes: [...new Set(wish.scopes)],
        tokenHash: sha256Hex(inviteToken(context.config.appSecret, id)),
        invitedBy: actor.accountId,
        expiresAt: after(now, lifeMs),
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: vendorInvites.id })
    if (added.length === 0) throw new Refusal('conflict')
    await enqueue(tx, stamp, { topic: inviteTopic, payload: { inviteId: id }, dedupeKey: `${inviteTopic}:${id}` })
    await audit(tx, stamp, {
      action: 'vendor_member.invited',
      target: vendor.vendorId,
      data: { inviteId: id, role: wish.role, scopes: wish.scopes },
    })
  })
  context.outbox.wake()
  return id
}
