import { parseArgs } from 'node:util'
import { appointFirstAdmin } from '../domain/accounts/appoint-first-admin.ts'
import { Refusal } from '../lib/refusal.ts'
import { withContext } from './open-context.ts'

/** `shop first-admin --email x --name y`: the first admin of a new shop; prints the link that sets the password. Answers 1 when refused. */
export async function firstAdmin(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { email: { type: 'string' }, name: { type: 'string' } } })
  const { email = '', name = '' } = values
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) || name.trim() === '') {
    process.stderr.write('Say who: bun run shop first-admin --email asha@rahim.co.ke --name "Asha Mwangi"\n')
    return 1
  }
  return await withContext(async ({ context }) => {
    try {
      const token = await appointFirstAdmin(context, { email, name })
      process.stdout.write(
        `Within an hour, set a password at:\n${context.config.publicUrl}/account/reset?token=${token}\nThen sign in and add an authenticator.\n`,
      )
      return 0
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      process.stderr.write(`${error.detail}\n`)
      return 1
    }
  })
}
