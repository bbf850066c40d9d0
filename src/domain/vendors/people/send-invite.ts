import { eq } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { formatDay } from '../../../lib/time.ts'
import { vendorInvites } from '../application.table.ts'
import { vendors } from '../vendor.table.ts'
import { inviteToken } from './invite-member.ts'

/** Sends the letter of an invite; one that was used or taken back meanwhile is not sent. Called from the outbox. */
export async function sendInvite(context: Context, inviteId: string): Promise<void> {
  const [found] = await context.db
    .select({ invite: vendorInvites, vendor: vendors.name })
    .from(vendorInvites)
    .innerJoin(vendors, eq(vendors.id, vendorInvites.vendorId))
    .where(eq(vendorInvites.id, inviteId))
  if (found === undefined || found.invite.revokedAt !== null || found.invite.acceptedAt !== null) return
  const link = `${context.config.publicUrl}/vendor/invites/${inviteToken(context.config.appSecret, inviteId)}`
  await context.mailer.send({
    to: found.invite.email,
    subject: `${found.vendor} invites you to work with them on Rahim Online`,
    text: `Hello,\n\n${found.vendor} invites you to join them as ${found.invite.role}. Sign in with this address and open:\n\n${link}\n\nThe link works once, until ${formatDay(found.invite.expiresAt)}. If you do not know ${found.vendor}, ignore this letter.\n\nRahim Online`,
    messageId: `vendor-invite-${inviteId}`,
  })
}
