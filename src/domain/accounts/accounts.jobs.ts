import type { Context } from '../../context.ts'
import { after, days } from '../../lib/time.ts'
import { forgetTokens } from './forget-tokens.ts'
import { forgetRegistrations } from './register.ts'
import { sendAccountMessage } from './send-account-message.ts'

/** Letters of accounts, and the nightly end of what is kept no longer than it is of use (Data Protection Act 2019, section 39). */
export function accountsJobs(context: Context): void {
  const { jobs, outbox, clock } = context
  for (const topic of ['activate', 'known', 'reset', 'password_changed', 'contact', 'contact_changed'])
    outbox.handle(`account.${topic}`, (message) => sendAccountMessage(context, message))
  jobs.schedule('forget-registrations', '15 3 * * *', async () => await forgetRegistrations(context, after(clock.now(), -days(7))))
  // Ninety days of ended sessions answer "was that me?"; older ones answer nothing.
  jobs.schedule('forget-sessions', '25 3 * * *', async () => await forgetTokens(context, after(clock.now(), -days(90))))
}
