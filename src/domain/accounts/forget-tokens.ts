import { lt } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { sessions } from './account.table.ts'
import { accountTokens } from './account-token.table.ts'

/** Removes sessions and links that ended before a moment. Answers how many. */
export async function forgetTokens(context: Context, before: Date): Promise<number> {
  const oldSessions = await context.db.delete(sessions).where(lt(sessions.expiresAt, before)).returning({ id: sessions.id })
  const oldLinks = await context.db.delete(accountTokens).where(lt(accountTokens.expiresAt, before)).returning({ id: accountTokens.id })
  return oldSessions.length + oldLinks.length
}
