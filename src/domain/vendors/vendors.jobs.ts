import type { Context } from '../../context.ts'
import { inviteTopic } from './people/invite-member.ts'
import { sendInvite } from './people/send-invite.ts'
import { closeDays } from './close-days.ts'

/** Letters of invites, and work of the night. */
export function vendorsJobs(context: Context): void {
  context.outbox.handle(inviteTopic, async ({ payload }) => await sendInvite(context, String(payload['inviteId'])))
  context.jobs.schedule('close-vendor-days', '25 0 * * *', async () => await closeDays(context))
}
