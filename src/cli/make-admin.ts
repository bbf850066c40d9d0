import { parseArgs } from 'node:util'
import { makeFirstAdmin } from '../domain/accounts/make-first-admin.ts'
import { Refusal } from '../lib/refusal.ts'
import { withContext } from './open-context.ts'

/** `shop make-admin --email ... [--name ...]`: the first admin of a shop. Prints the link that sets the password; no password is typed here. */
export async function makeAdmin(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { email: { type: 'string' }, name: { type: 'string', default: 'Admin' } } })
  const { email, name } = values
  if (email === undefined) {
    process.stderr.write('Name the person: bun run shop make-admin --email you@your-shop.co.ke [--name "Your Name"]\n')
    return 1
  }
  return await withContext(async ({ context }) => {
    try {
      const token = await makeFirstAdmin(context, { email, name })
      process.stdout.write(`Open this within 30 minutes to set the password, then set up the second factor under /account/settings:\n`)
      process.stdout.write(`${context.config.publicUrl}/account/reset?token=${token}\n`)
      return 0
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      process.stderr.write(`${error.detail}\n`)
      return 1
    }
  })
}
