import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { seal } from '../../lib/seal.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { hours } from '../../lib/time.ts'
import { enqueue } from '../../platform/outbox.ts'
import { loginKey, parseLogin } from './login.parse.ts'

/** What a login in the outbox is sealed for: who asks for a link is nobody's business who reads the table. */
export const resetPurpose = 'reset-login'

/**
 * Sends a link to set a new password, if the login is somebody's. The caller learns nothing, by text, status or time: this only writes
 * the wish down, and whether there is such an account is looked up where nobody waits for it. Refuses with `too_many_requests` after
 * three wishes an hour for one login, whoever it belongs to.
 */
export async function forgotPassword(context: Context, typed: string): Promise<void> {
  const login = parseLogin(typed)
  const { isWithin, resetMs } = await context.throttle.take({ name: 'reset-login', most: 3, windowMs: hours(1) }, loginKey(login))
  if (!isWithin && context.config.access.throttles) throw new Refusal('too_many_requests', { retryAfterS: Math.ceil(resetMs / 1_000) })
  await context.db.transaction(
    async (tx) =>
      await enqueue(tx, systemStamp('accounts', context), {
        topic: 'account.reset',
        payload: { login: seal(context.config.appSecret, resetPurpose, loginKey(login)) },
      }),
  )
  context.outbox.wake('outbox')
}
